/** Assigned numbers that more than one protocol needs. */

/** What an Ethernet frame carries: https://www.iana.org/assignments/ieee-802-numbers. */
export const EtherType = {
  Ipv4: 0x0800,
  Arp: 0x0806,
  TransparentEthernetBridging: 0x6558,
  Vlan: 0x8100,
  Ipv6: 0x86dd,
  ProviderVlan: 0x88a8,
} as const;

/** https://www.iana.org/assignments/protocol-numbers; IPv6 extension headers share the space. */
export const IpProtocol = {
  HopByHop: 0,
  Icmp: 1,
  Ipv4: 4,
  Tcp: 6,
  Udp: 17,
  Ipv6: 41,
  Routing: 43,
  Fragment: 44,
  Gre: 47,
  Icmpv6: 58,
  NoNextHeader: 59,
  DestinationOptions: 60,
} as const;

/** Link types of capture files: https://www.tcpdump.org/linktypes.html. */
export const LinkType = { Ethernet: 1, Raw: 101, Ipv4: 228, Ipv6: 229 } as const;
