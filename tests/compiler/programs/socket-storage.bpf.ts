/** Values that sockets carry. */
import { CgroupSkb } from "../../../src/kernel/cgroup-context.ts";
import { variable } from "../../../src/kernel/maps.ts";
import { cgroupSkb, sockOps } from "../../../src/kernel/program.ts";
import { SockOps } from "../../../src/kernel/sock-ops-context.ts";
import { skStorage } from "../../../src/kernel/socket-storage.ts";
import { struct, u32, u64 } from "../../../src/wire/layout.ts";

export const Traffic = struct("traffic", { packets: u32, bytes: u64 });
export const traffic = skStorage(Traffic, { name: "traffic" });
export const most = variable(u32, 0, { name: "most" });
export const sockets = variable(u32, 0, { name: "sockets" });

/** Counts in the socket; writes down how many sockets there were and the most packets that one has had. */
export const countBySocket = cgroupSkb(
  (ctx) => {
    const { socket } = ctx;
    if (socket === null) return CgroupSkb.Allow;
    if (traffic.get(socket) === null) sockets.value += 1;
    const own = traffic.get(socket, { create: true });
    if (own === null) return CgroupSkb.Deny;
    own.packets += 1;
    own.bytes += BigInt(ctx.packet.length);
    if (own.packets > most.value) most.value = own.packets;
    return CgroupSkb.Allow;
  },
  { name: "count_by_socket" },
);

const once = skStorage(u64, { name: "once" });

/** Lets through what finds no value, then one, then none again. */
export const comeAndGo = cgroupSkb(
  (ctx) => {
    const { socket } = ctx;
    if (socket === null || once.get(socket) !== null || once.delete(socket)) return CgroupSkb.Deny;
    const first = once.get(socket, { create: true });
    if (first === null || first.value !== 0n) return CgroupSkb.Deny;
    first.value = 7n;
    const second = once.get(socket, { create: true });
    if (second === null || second.value !== 7n || !once.delete(socket)) return CgroupSkb.Deny;
    return once.get(socket, { create: false }) === null ? CgroupSkb.Allow : CgroupSkb.Deny;
  },
  { name: "come_and_go" },
);

const requested = skStorage(struct("requested", { remotePort: u32 }), { name: "requested" });
export const handshakes = variable(u32, 0, { name: "handshakes" });

/** Keeps with a connection's request what its end says was there. */
export const watchHandshakes = sockOps(
  (ctx) => {
    const { socket } = ctx;
    if (socket === null) return;
    if (ctx.op === SockOps.TcpConnect) {
      const kept = requested.get(socket, { create: true });
      if (kept !== null) kept.remotePort = ctx.remotePort;
    } else if (ctx.op === SockOps.ActiveEstablished) {
      const kept = requested.get(socket);
      if (kept !== null && kept.remotePort === ctx.remotePort && requested.delete(socket)) handshakes.value += 1;
    }
  },
  { name: "watch_handshake" },
);
