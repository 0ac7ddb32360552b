/** Packets of the wire that one in the stack stands for. */
import type { TcContext } from "../../../kernel/context.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { transportBytes } from "../encap/growth.bpf.ts";

const IPV6_BYTES = 40;
const MOST = 0xffff;

/**
 * 1, but for a packet that is still to be cut (GSO). Where a program has just made its headers longer, the kernel does not say how
 * many pieces it will be, but how long they are. `end` is where the Hop-by-Hop header ends.
 */
export const segmentsOf = (ctx: TcContext, network: number, end: number): number => {
  const { gsoSegments, gsoSize } = ctx;
  if (gsoSize === 0 || gsoSegments !== 0) return Math.max(1, gsoSegments & MOST);
  const ip = ctx.packet.at(Ipv6, network);
  const hopByHop = ctx.packet.at(HopByHop, network + IPV6_BYTES);
  if (ip === null || hopByHop === null) return 1;
  const inner = hopByHop.nextHeader === IpProtocol.Ipv6 ? ctx.packet.at(Ipv6, end) : null;
  const protocol = inner === null ? hopByHop.nextHeader : inner.nextHeader;
  const transport = inner === null ? end : end + IPV6_BYTES;
  const headers = transport + transportBytes(ctx, transport, protocol);
  const data = (network + IPV6_BYTES + ip.payloadLength - headers) & 0xffff;
  return Math.max(1, Math.trunc((data + gsoSize - 1) / gsoSize) & MOST);
};
