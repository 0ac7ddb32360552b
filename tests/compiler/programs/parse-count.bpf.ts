import { Tc, Xdp } from "../../../src/kernel/context.ts";
import { hashMap, perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { tc, xdp } from "../../../src/kernel/program.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";
import { ipv6Address, struct, u64 } from "../../../src/wire/layout.ts";

export const Counter = struct("counter", { packets: u64, bytes: u64 });
export const counters = perCpuArrayMap(Counter, { entries: 4, name: "counters" });
export const Source = struct("source", { address: ipv6Address });
export const sources = hashMap(Source, Counter, { entries: 64, name: "sources" });

const count = (index: number, bytes: number): void => {
  const counter = counters.lookup(index);
  if (counter === null) return;
  counter.packets += 1n;
  counter.bytes += BigInt(bytes);
};

/** Counts IPv6 packets by source, everything else by protocol. */
export const parseCount = tc(
  (ctx) => {
    const ethernet = ctx.packet.at(Ethernet, 0);
    if (ethernet === null) return Tc.Next;
    if (ethernet.etherType !== 0x86dd) {
      count(0, ctx.packet.length);
      return Tc.Next;
    }
    const ip = ctx.packet.at(Ipv6, 14);
    if (ip === null) return Tc.Next;
    count(ip.nextHeader === 6 ? 1 : 2, ctx.packet.length);
    const known = sources.lookup({ address: ip.source });
    if (known === null) sources.update({ address: ip.source }, { packets: 1n, bytes: 0n });
    else known.packets += 1n;
    return Tc.Next;
  },
  { name: "parse_count" },
);

export const dropOdd = xdp((ctx) => (ctx.packet.length % 2 === 1 ? Xdp.Drop : Xdp.Pass), { name: "drop_odd" });
