/** Assigned numbers that more than one protocol needs. */

/** What an Ethernet frame carries: https://www.iana.org/assignments/ieee-802-numbers. */
export const EtherType = {
  /** None: LLC follows, as Linux numbers it where a type must stand. */
  Llc: 0x0004,
  Ipv4: 0x0800,
  Arp: 0x0806,
  TransparentEthernetBridging: 0x6558,
  Vlan: 0x8100,
  Ipv6: 0x86dd,
  Mpls: 0x8847,
  MplsMulticast: 0x8848,
  PppoeDiscovery: 0x8863,
  PppoeSession: 0x8864,
  Ppp: 0x880b,
  SlowProtocols: 0x8809,
  Eapol: 0x888e,
  Lldp: 0x88cc,
  ProviderVlan: 0x88a8,
} as const;

/** https://www.iana.org/assignments/protocol-numbers; IPv6 extension headers share the space. */
export const IpProtocol = {
  HopByHop: 0,
  Icmp: 1,
  Igmp: 2,
  Ipv4: 4,
  Tcp: 6,
  Udp: 17,
  Ipv6: 41,
  Routing: 43,
  Fragment: 44,
  Gre: 47,
  Esp: 50,
  Ah: 51,
  Icmpv6: 58,
  NoNextHeader: 59,
  DestinationOptions: 60,
  Ospf: 89,
  Dccp: 33,
  Rsvp: 46,
  Eigrp: 88,
  Pim: 103,
  Vrrp: 112,
  Sctp: 132,
} as const;

/** Link types of capture files: https://www.tcpdump.org/linktypes.html. */
export const LinkType = {
  /** BSD loopback: the address family in the byte order of the machine that captured. */
  Null: 0,
  Ethernet: 1,
  /** Raw IP, as some BSDs number it in files. */
  RawBsd: 12,
  RawOpenBsd: 14,
  /** Raw IP, of the version that its first bits say. */
  Raw: 101,
  Ieee80211: 105,
  /** OpenBSD loopback: the address family, big-endian. */
  Loop: 108,
  /** `tcpdump -i any`: packet type, address and EtherType in place of the link's own header. */
  LinuxCooked: 113,
  /** IEEE 802.11 behind what the radio measured. */
  Radiotap: 127,
  Ipv4: 228,
  Ipv6: 229,
  LinuxCooked2: 276,
} as const;
