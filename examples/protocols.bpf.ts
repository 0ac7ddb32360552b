/**
 * Counts packets and bytes by protocol, at XDP: the first thing one wants to know of a link.
 *
 *     npx hopmark run examples/protocols.bpf.ts --dev eth0
 */
import { Xdp, perCpuHashMap, struct, u16, u64, u8, xdp } from "hopmark/kernel";
import { EtherType, Ethernet, Ipv4, Ipv6 } from "hopmark/wire";

/** `ipProtocol`: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6; 0 when the packet is not IP. */
const Protocol = struct("protocol", { etherType: u16, ipProtocol: u8 });
const Count = struct("count", { packets: u64, bytes: u64 });

export const protocols = perCpuHashMap(Protocol, Count, { entries: 4096, name: "protocols" });

export const countProtocols = xdp((ctx) => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null) return Xdp.Pass;
  let ipProtocol = 0;
  if (ethernet.etherType === EtherType.Ipv4) ipProtocol = ctx.packet.at(Ipv4, Ethernet.size)?.protocol ?? 0;
  if (ethernet.etherType === EtherType.Ipv6) ipProtocol = ctx.packet.at(Ipv6, Ethernet.size)?.nextHeader ?? 0;
  const key = { etherType: ethernet.etherType, ipProtocol };
  const count = protocols.lookup(key);
  if (count === null) {
    protocols.update(key, { packets: 1n, bytes: BigInt(ctx.packet.length) });
  } else {
    count.packets += 1n;
    count.bytes += BigInt(ctx.packet.length);
  }
  return Xdp.Pass;
});
