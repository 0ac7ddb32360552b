/** Headers of ICMP for IPv4, and what follows them. */
import { be16, be24, be32, header, ipv4Address, u8 } from "../layout.ts";

/** What all ICMP messages start with: 4 bytes. */
export const Icmp = header("Icmp", "RFC 792", { type: u8, code: u8, checksum: be16 });

/** Types of ICMP messages: https://www.iana.org/assignments/icmp-parameters. */
export const IcmpType = {
  EchoReply: 0,
  Unreachable: 3,
  Redirect: 5,
  EchoRequest: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
} as const;

/** `mtu` counts for code 4, fragmentation needed; `quotedLength` counts words (RFC 4884). */
export const IcmpUnreachable = header("IcmpUnreachable", "RFC 792; RFC 1191, section 4; RFC 4884, section 4.1", {
  unused: u8,
  quotedLength: u8,
  mtu: be16,
});

/** After the ICMP header of a redirect: the gateway to use. */
export const IcmpRedirect = header("IcmpRedirect", "RFC 792", { gateway: ipv4Address });

/** After the ICMP header of time exceeded: nothing, before the packet it quotes. */
export const IcmpTimeExceeded = header("IcmpTimeExceeded", "RFC 792", { unused: be32 });

/** After the ICMP header of a parameter problem: the offset, in bytes, of what is wrong. */
export const IcmpParameterProblem = header("IcmpParameterProblem", "RFC 792", { pointer: u8, unused: be24 });
