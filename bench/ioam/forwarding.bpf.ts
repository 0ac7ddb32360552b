/** Frames for a node to forward, and the end that counts them. */
import { Xdp } from "../../src/kernel/context.ts";
import { perCpuArrayMap } from "../../src/kernel/maps.ts";
import { xdp } from "../../src/kernel/program.ts";
import { header, macAddress, struct, u64 } from "../../src/wire/layout.ts";
import type { MacAddress } from "../../src/wire/layout.ts";
import { ipv6 } from "../../src/wire/address.ts";
import { IoamTraceHeader } from "../../src/wire/ioam/header.ts";
import { Ethernet } from "../../src/wire/headers/ethernet.ts";
import { Ipv6 } from "../../src/wire/headers/ipv6.ts";

const NETWORK = 14;
const TRACE_AT = NETWORK + 40 + 4 + 4;
const Addresses = header("addresses", "", { destination: macAddress, source: macAddress });

/** Gives each frame back the bytes that forwarding changed in its page, and passes it to the stack. */
export const send = (to: MacAddress, from: MacAddress, remainingLength: number) =>
  xdp(
    (ctx) => {
      const addresses = ctx.packet.at(Addresses, 0);
      const ip = ctx.packet.at(Ipv6, NETWORK);
      if (addresses === null || ip === null) return Xdp.Aborted;
      addresses.destination = to;
      addresses.source = from;
      ip.hopLimit = 64;
      if (ip.nextHeader === 0) {
        const trace = ctx.packet.at(IoamTraceHeader, TRACE_AT);
        if (trace === null) return Xdp.Aborted;
        trace.remainingLength = remainingLength;
        trace.overflow = 0;
      }
      return Xdp.Pass;
    },
    { name: "send" },
  );

const destination = ipv6("db02::2");

export const Arrived = struct("arrived", { packets: u64, filled: u64 });
export const arrived = perCpuArrayMap(Arrived, { entries: 1, name: "arrived" });

/** Counts frames and drops them; `filled` are those that came a hop, with `remainingLength` words left in their trace. */
export const receive = (remainingLength: number) =>
  xdp(
    (ctx) => {
      const ethernet = ctx.packet.at(Ethernet, 0);
      const ip = ctx.packet.at(Ipv6, NETWORK);
      const counts = arrived.lookup(0);
      if (ethernet === null || ip === null || counts === null || ethernet.etherType !== 0x86dd) return Xdp.Pass;
      // Neighbour discovery must go on.
      if (ip.destination !== destination) return Xdp.Pass;
      counts.packets += 1n;
      if (ip.nextHeader === 0) {
        const trace = ctx.packet.at(IoamTraceHeader, TRACE_AT);
        if (trace !== null && trace.remainingLength === remainingLength && ip.hopLimit === 63) counts.filled += 1n;
      }
      return Xdp.Drop;
    },
    { name: "receive" },
  );
