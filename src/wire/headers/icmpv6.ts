/** Headers of ICMPv6, and what follows them. */
import { be16, be32, header, u8 } from "../layout.ts";

/** What all ICMPv6 messages start with: 4 bytes. */
export const Icmpv6 = header("Icmpv6", "RFC 4443, section 2.1", { type: u8, code: u8, checksum: be16 });

/** Types of ICMPv6 messages: https://www.iana.org/assignments/icmpv6-parameters. */
export const Icmpv6Type = {
  Unreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighbourSolicitation: 135,
  NeighbourAdvertisement: 136,
  Redirect: 137,
} as const;

/** After the ICMPv6 header of destination unreachable: nothing, before the packet it quotes. */
export const Icmpv6Unreachable = header("Icmpv6Unreachable", "RFC 4443, section 3.1", { unused: be32 });

/** After the ICMPv6 header of packet too big: the MTU of the next link, in bytes. */
export const Icmpv6PacketTooBig = header("Icmpv6PacketTooBig", "RFC 4443, section 3.2", { mtu: be32 });

/** After the ICMPv6 header of time exceeded: nothing, before the packet it quotes. */
export const Icmpv6TimeExceeded = header("Icmpv6TimeExceeded", "RFC 4443, section 3.3", { unused: be32 });

/** After the ICMPv6 header of a parameter problem: the offset, in bytes, of what is wrong. */
export const Icmpv6ParameterProblem = header("Icmpv6ParameterProblem", "RFC 4443, section 3.4", { pointer: be32 });
