/** Programs on the packets of a cgroup. */
import { checksum } from "../../../src/kernel/checksum.ts";
import { CgroupSkb } from "../../../src/kernel/cgroup-context.ts";
import { ringBuffer, variable } from "../../../src/kernel/maps.ts";
import { cgroupSkb, sockOps } from "../../../src/kernel/program.ts";
import { SockOps, SockOpsCallback } from "../../../src/kernel/sock-ops-context.ts";
import { array, ipv4Address, ipv6Address, struct, u32, u64, u8 } from "../../../src/wire/layout.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";

export const Seen = struct("seen", {
  length: u32,
  protocol: u32,
  mark: u32,
  priority: u32,
  family: u32,
  type: u32,
  state: u32,
  localIpv4: ipv4Address,
  remoteIpv4: ipv4Address,
  localIpv6: ipv6Address,
  remoteIpv6: ipv6Address,
  first: u32,
  copied: array(u8, 8),
});
export const seen = ringBuffer({ bytes: 65536, name: "seen" });

/** Writes down all it may know; denies packets whose hop limit is odd. */
export const lookAround = cgroupSkb(
  (ctx) => {
    const record = seen.reserve(Seen);
    if (record === null) return CgroupSkb.Allow;
    record.length = ctx.packet.length;
    record.protocol = ctx.protocol;
    ctx.mark = (ctx.mark ^ 1) & 0xff;
    record.mark = ctx.mark;
    ctx.priority = 7;
    record.priority = ctx.priority;
    const { socket } = ctx;
    record.family = 0;
    record.type = 0;
    record.state = 0;
    if (socket !== null) {
      record.family = socket.family;
      record.type = socket.type;
      record.state = socket.state;
      record.localIpv4 = socket.localIpv4;
      record.remoteIpv4 = socket.remoteIpv4;
      record.localIpv6 = socket.localIpv6;
      record.remoteIpv6 = socket.remoteIpv6;
    }
    const ip = ctx.packet.at(Ipv6, 0);
    record.first = ip === null ? 0 : ip.hopLimit;
    record.copied[0] = ctx.loadInto(record, "copied", 4, 8) ? record.copied[0]! : 1;
    seen.submit(record);
    return ip !== null && ip.hopLimit % 2 === 1 ? CgroupSkb.Deny : CgroupSkb.Allow;
  },
  { name: "look_around" },
);

/** Looks at the socket twice: what was proved of it the first time holds. */
export const byPort = cgroupSkb((ctx) => {
  if (ctx.socket === null) return CgroupSkb.Deny;
  return ctx.socket.localPort === 25 || ctx.socket.remotePort === 25 ? CgroupSkb.Deny : CgroupSkb.Allow;
});

export const Owner = struct("owner", { cookie: u64, group: u64, root: u64, deep: u64 });
export const owners = ringBuffer({ bytes: 4096, name: "owners" });

/** Says whose packets these are. */
export const whose = cgroupSkb(
  (ctx) => {
    const owner = owners.reserve(Owner);
    if (owner === null) return CgroupSkb.Allow;
    owner.cookie = ctx.socketCookie();
    owner.group = ctx.cgroupId();
    owner.root = ctx.ancestorCgroupId(0);
    owner.deep = ctx.ancestorCgroupId(9);
    owners.submit(owner);
    return CgroupSkb.Allow;
  },
  { name: "whose" },
);

export const Event = struct("event", {
  op: u32,
  family: u32,
  localPort: u32,
  remotePort: u32,
  state: u32,
  oldState: u32,
  newState: u32,
  callbacks: u32,
  srttUs: u32,
  segsOut: u32,
  isFull: u32,
  socketPort: u32,
  bytesAcked: u64,
  bytesReceived: u64,
  cookie: u64,
  localIpv4: ipv4Address,
  remoteIpv4: ipv4Address,
  localIpv6: ipv6Address,
  remoteIpv6: ipv6Address,
});
export const events = ringBuffer({ bytes: 1 << 18, name: "events" });

/** Writes down what happens to TCP connections, and asks for their states and round-trip times. */
export const watchTcp = sockOps(
  (ctx) => {
    if (ctx.op === SockOps.RwndInit) {
      ctx.reply = 40;
      return;
    }
    if (ctx.op === SockOps.TcpConnect || ctx.op === SockOps.PassiveEstablished)
      ctx.setCallbacks(SockOpsCallback.StateChanged | SockOpsCallback.RttChanged);
    const event = events.reserve(Event);
    if (event === null) return;
    event.op = ctx.op;
    event.family = ctx.family;
    event.localPort = ctx.localPort;
    event.remotePort = ctx.remotePort;
    event.state = ctx.state;
    event.oldState = ctx.args[0];
    event.newState = ctx.args[1];
    event.callbacks = ctx.callbackFlags;
    event.srttUs = ctx.srttUs;
    event.segsOut = ctx.segsOut;
    event.isFull = ctx.isFullSocket;
    event.socketPort = ctx.socket === null ? 0 : ctx.socket.localPort;
    event.bytesAcked = ctx.bytesAcked;
    event.bytesReceived = ctx.bytesReceived;
    event.cookie = ctx.socketCookie();
    event.localIpv4 = ctx.localIpv4;
    event.remoteIpv4 = ctx.remoteIpv4;
    event.localIpv6 = ctx.localIpv6;
    event.remoteIpv6 = ctx.remoteIpv6;
    events.submit(event);
  },
  { name: "watch_tcp" },
);

/** Counts the segments that were sent again, by the number that the kernel gives of each call. */
export const countRetransmits = sockOps(
  (ctx) => {
    if (ctx.op === SockOps.ActiveEstablished) ctx.setCallbacks(SockOpsCallback.Retransmit);
    if (ctx.op === SockOps.Retransmit)
      retransmitted.value = BigInt.asUintN(64, retransmitted.value + BigInt(ctx.args[1]));
  },
  { name: "retransmits" },
);
export const retransmitted = variable(u64, 0n, { name: "retransmitted" });

/** Puts out the whole socket: the helper takes no pointer to one, so a copy goes. */
export const copySocket = cgroupSkb(
  (ctx) => {
    const { socket } = ctx;
    if (socket !== null) seen.output(socket, 76);
    return CgroupSkb.Allow;
  },
  { name: "copy_socket" },
);

/** Sums the whole socket. */
export const sumSocket = cgroupSkb(
  (ctx) => {
    const { socket } = ctx;
    total.value = socket === null ? 0 : checksum(socket);
    return CgroupSkb.Allow;
  },
  { name: "sum_socket" },
);
export const total = variable(u32, 0, { name: "total" });

/** What becomes of a packet, by the last two bits of the port that it goes to. */
export const byLastBits = cgroupSkb((ctx) => (ctx.socket?.remotePort ?? 1) & 3, { egress: true, name: "by_last_bits" });

/** The same by name, of packets that are marked. */
export const slower = cgroupSkb(
  (ctx) => {
    if (ctx.mark === 1) return CgroupSkb.Deny;
    if (ctx.mark === 2) return CgroupSkb.DropCongested;
    return ctx.mark === 3 ? CgroupSkb.AllowCongested : CgroupSkb.Allow;
  },
  { egress: true },
);
