/** Routes: what a program asks of the kernel's forwarding tables (`bpf_fib_lookup`), and what it is told. */
import type { Ipv4Address, Ipv6Address, MacAddress } from "../wire/layout.ts";

/** What a lookup found (`BPF_FIB_LKUP_RET_…`, with the kernel's names). A negative code is an errno: a query that made no sense. */
export const Fib = {
  Success: 0,
  Blackhole: 1,
  Unreachable: 2,
  Prohibit: 3,
  /** Not a packet to forward: for this host, broadcast, or without a route. */
  NotFwded: 4,
  /** The interface it came in by does not forward. */
  FwdDisabled: 5,
  /** The route wants an encapsulation. */
  UnsuppLwt: 6,
  /** The next hop's MAC address is not known yet: let the kernel's stack forward this packet. */
  NoNeigh: 7,
  /** Longer than the route's MTU. */
  FragNeeded: 8,
  NoSrcAddr: 9,
} as const;

/** How to look (`BPF_FIB_LOOKUP_…`). */
export const FibFlag = {
  /** In the table of the interface, past the routing rules. */
  Direct: 1,
  /** As if this host sent the packet out of the interface; without it, as if the packet came in by it. */
  Output: 2,
  /** Without the MAC addresses. Kernel 6.3. */
  SkipNeigh: 4,
  /** With `Direct`: in the query's `table`. Kernel 6.5. */
  Tbid: 8,
  /** Tells the source address that the host would use. Kernel 6.8. */
  Src: 16,
} as const;

/** The packet to be routed. What is left out is 0, and the interface the one the packet came in by. */
export interface FibQuery<A extends Ipv4Address | Ipv6Address> {
  /** Of one family with `destination`; all zeros where it does not matter. */
  readonly source: A;
  readonly destination: A;
  /** Number of the interface that the packet came in by or, with {@link FibFlag.Output}, leaves by. */
  readonly ifindex?: number;
  /** Bytes from the IP header on, compared with the route's MTU: 0 to 65535, 0 for no comparison at XDP. */
  readonly length?: number;
  /** IPv4: the type-of-service byte. */
  readonly tos?: number;
  /** IPv6: traffic class and flow label, 28 bits. */
  readonly flowInfo?: number;
  /** For routing rules that look at them, with the ports. */
  readonly protocol?: number;
  /** As a plain number: 443. */
  readonly sourcePort?: number;
  /** As a plain number: 443. */
  readonly destinationPort?: number;
  /** With {@link FibFlag.Tbid}. */
  readonly table?: number;
}

/** The answer. Other fields than `code` mean something with `Success`; `mtu` also with `FragNeeded`. */
export interface Route<A extends Ipv4Address | Ipv6Address> {
  /** One of {@link Fib}, or a negative errno. */
  readonly code: number;
  /** The interface to leave by. */
  readonly ifindex: number;
  /** The gateway, or the destination where it is on the link. */
  readonly nextHop: A;
  /** 2 (AF_INET) or 10 (AF_INET6): an IPv4 route may lead to an IPv6 gateway, which then is {@link nextHop6}. */
  readonly family: number;
  /** The gateway of an IPv4 route where that is an IPv6 address. */
  readonly nextHop6: Ipv6Address;
  /** With {@link FibFlag.Src}. */
  readonly source: A;
  /** MAC address of the interface to leave by. */
  readonly sourceMac: MacAddress;
  /** MAC address of the next hop. */
  readonly destinationMac: MacAddress;
  /** Bytes after the link-layer header. */
  readonly mtu: number;
  /** The route's priority: of two routes to one prefix, the lower one is taken. */
  readonly metric: number;
}
