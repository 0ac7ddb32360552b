/** Counts the IPv6 packets that reach a device, by source address. */
import { MapUpdate, Xdp, fetchAdd, hashMap, ipv6Address, struct, u64, xdp } from "hopmark/kernel";
import { EtherType, Ethernet, Ipv6 } from "hopmark/wire";

const Source = struct("source", { address: ipv6Address });
const Count = struct("count", { packets: u64, bytes: u64 });

export const sources = hashMap(Source, Count, { entries: 1024, name: "sources" });

export const countSources = xdp(
  (ctx) => {
    const ethernet = ctx.packet.at(Ethernet, 0);
    if (ethernet === null || ethernet.etherType !== EtherType.Ipv6) return Xdp.Pass;
    const ip = ctx.packet.at(Ipv6, Ethernet.size);
    if (ip === null) return Xdp.Pass;
    const key = { address: ip.source };
    let known = sources.lookup(key);
    if (known === null) {
      // Not over what another CPU has counted meanwhile.
      sources.update(key, { packets: 0n, bytes: 0n }, MapUpdate.NoExist);
      known = sources.lookup(key);
    }
    if (known !== null) {
      fetchAdd(known, "packets", 1n);
      fetchAdd(known, "bytes", BigInt(ctx.packet.length));
    }
    return Xdp.Pass;
  },
  { name: "count_sources" },
);
