/** What tunnels put in front of a packet, from its IP header on. */

/** Bytes between the outer IP header and the inner one: RFC 2003 and 2473, RFC 2784, FOU (UDP), GUE, RFC 8926. */
const behindOuterHeader = { ipip: 0, gre: 4, fou: 8, gue: 12, geneve: 16 } as const;

export type TunnelKind = keyof typeof behindOuterHeader;

export type OuterFamily = "ipv4" | "ipv6";

const outerHeader: Readonly<Record<OuterFamily, number>> = { ipv4: 20, ipv6: 40 };

/** Bytes by which a tunnel makes each packet longer; `geneve` with an IP packet in it and without options. */
export const tunnelOverhead = (kind: TunnelKind, outer: OuterFamily): number =>
  outerHeader[outer] + behindOuterHeader[kind];
