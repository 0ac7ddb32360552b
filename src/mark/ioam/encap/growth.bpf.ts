/** Whether a packet can become longer, and what that makes of the segments of a GSO packet. */
import { RoomFlag, type TcContext } from "../../../kernel/context.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Tcp } from "../../../wire/headers/tcp.ts";
import { Udp } from "../../../wire/headers/udp.ts";
import { EncapCounter } from "./counters.ts";

const IPV6_BYTES = 40;

/** What is known of the packet before it grows. */
export interface Growing {
  /** Where its IPv6 header starts. */
  readonly network: number;
  readonly nextHeader: number;
  readonly payloadLength: number;
}

/** The counter for a packet that must stay as it is, or `Sent`; else flags for `adjustRoom` and how many packets of the wire there will be. */
export interface Growth {
  readonly counter: number;
  readonly flags: number;
  readonly segments: number;
}

/** Of a packet that gets `bytes` bytes longer and leaves by a device of that MTU. */
export const growthOf = (ctx: TcContext, packet: Growing, bytes: number, mtu: number): Growth => {
  const { network, nextHeader, payloadLength } = packet;
  const { gsoSize } = ctx;
  // A GSO packet can be longer than any MTU, but not than its length field says.
  const isJumbo = payloadLength === 0 && nextHeader === IpProtocol.HopByHop;
  if (isJumbo || payloadLength + bytes > 0xffff) return left(EncapCounter.TooBig);
  if (gsoSize === 0) {
    if (IPV6_BYTES + payloadLength + bytes > mtu) return left(EncapCounter.TooBig);
    return { counter: EncapCounter.Sent, flags: RoomFlag.FixedGso, segments: 1 };
  }
  const { headers, protocol } = headersOf(ctx, network + IPV6_BYTES, nextHeader);
  // Datagrams that wait for no checksum from the device the kernel could not cut any more, once their headers moved.
  if (protocol === IpProtocol.Udp && !ctx.checksumPartial()) return left(EncapCounter.NoRoom);
  if (IPV6_BYTES + headers + gsoSize + bytes <= mtu)
    return { counter: EncapCounter.Sent, flags: RoomFlag.FixedGso, segments: ctx.gsoSegments };
  // The kernel can shorten the segments of a stream by what is inserted; datagrams stay as long as they are.
  if (protocol === IpProtocol.Udp || gsoSize <= bytes) return left(EncapCounter.TooBig);
  const shorter = gsoSize - bytes;
  const segments = Math.trunc((((payloadLength - headers) & 0xffff) + shorter - 1) / shorter);
  return { counter: EncapCounter.Sent, flags: 0, segments };
};

const left = (counter: number): Growth => ({ counter, flags: 0, segments: 0 });

/** Bytes between the IPv6 header and the data of a GSO packet, and the transport's protocol. */
const headersOf = (ctx: TcContext, at: number, nextHeader: number): { headers: number; protocol: number } => {
  if (nextHeader !== IpProtocol.HopByHop) return { headers: transportBytes(ctx, at, nextHeader), protocol: nextHeader };
  const hopByHop = ctx.packet.at(HopByHop, at);
  if (hopByHop === null) return { headers: MOST_OF_TCP, protocol: nextHeader };
  const { nextHeader: protocol, headerExtLen } = hopByHop;
  const bytes = 8 + headerExtLen * 8;
  return { headers: bytes + transportBytes(ctx, at + bytes, protocol), protocol };
};

const MOST_OF_TCP = 60;

/** Bytes of the transport header at `at`; of those that a GSO packet cannot have, the most that TCP's can be. */
export const transportBytes = (ctx: TcContext, at: number, protocol: number): number => {
  if (protocol === IpProtocol.Udp) return Udp.size;
  const tcp = protocol === IpProtocol.Tcp ? ctx.packet.at(Tcp, at) : null;
  return tcp === null ? MOST_OF_TCP : tcp.dataOffset * 4;
};
