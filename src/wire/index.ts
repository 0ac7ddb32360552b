/** `hopmark/wire`: what bytes mean. */
export {
  alignmentOf,
  array,
  be16,
  be24,
  be32,
  be48,
  be56,
  be64,
  bits,
  bitsOf,
  chars,
  header,
  i32,
  i64,
  ipv4Address,
  ipv6Address,
  macAddress,
  nested,
  struct,
  u16,
  u32,
  u64,
  u8,
  type AddressFamily,
  type AddressType,
  type ArrayType,
  type BitsType,
  type Field,
  type FieldType,
  type FieldTypes,
  type IntegerType,
  type Ipv4Address,
  type Ipv6Address,
  type Layout,
  type MacAddress,
  type NestedType,
  type Order,
  type Shape,
  type TypeOf,
} from "./layout.ts";
export { addressBytes, addressSize, formatAddress, ipv4, ipv6, mac, parseAddress, writeAddress } from "./address.ts";
export {
  formatPrefix,
  parseInterfaceAddress,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  type InterfaceAddress,
  type Prefix,
} from "./prefix.ts";
export {
  encodeLayout,
  fieldOf,
  readField,
  readLayout,
  readValue,
  writeField,
  writeLayout,
  writeValue,
} from "./codec.ts";
export { readBits, readInteger, writeBits, writeInteger } from "./integer.ts";
export {
  checksum,
  checksumOf,
  foldSum,
  pseudoHeaderSum,
  sumWords,
  updateChecksum16,
  updateChecksum32,
} from "./checksum.ts";
export { fromHex, toHex } from "./hex.ts";
export { textOf } from "./text.ts";
export { EtherType, IpProtocol, LinkType } from "./numbers.ts";

export { Arp } from "./protocols/arp.ts";
export { Ethernet } from "./headers/ethernet.ts";
export { Ah, type AhContent } from "./protocols/ah.ts";
export { Bfd } from "./protocols/bfd.ts";
export { Cdp } from "./protocols/cdp.ts";
export { Dccp } from "./protocols/dccp.ts";
export { Dhcpv6 } from "./protocols/dhcpv6.ts";
export type { DnsContent } from "./protocols/dns.ts";
export { Eapol } from "./protocols/eapol.ts";
export { Eigrp } from "./protocols/eigrp.ts";
export { Esp } from "./protocols/esp.ts";
export { Hsrp } from "./protocols/hsrp.ts";
export { Igmp } from "./protocols/igmp.ts";
export { Isakmp, NatTraversal } from "./protocols/isakmp.ts";
export { Isis } from "./protocols/isis.ts";
export { L2tp } from "./protocols/l2tp.ts";
export { Llc, Snap, type LlcContent } from "./protocols/llc.ts";
export { Lldp } from "./protocols/lldp.ts";
export type { MessageContent } from "./protocols/message.ts";
export { MplsLabel, type MplsContent } from "./protocols/mpls.ts";
export { Ntp } from "./protocols/ntp.ts";
export { Ospf } from "./protocols/ospf.ts";
export { Pim } from "./protocols/pim.ts";
export { Ppp, PppControl } from "./protocols/ppp.ts";
export { PppAuthentication } from "./protocols/ppp-authentication.ts";
export { Pppoe, type PppoeDiscoveryContent } from "./protocols/pppoe.ts";
export { Radius } from "./protocols/radius.ts";
export { Rip } from "./protocols/rip.ts";
export { Rsvp } from "./protocols/rsvp.ts";
export { Sctp } from "./protocols/sctp.ts";
export { SlowProtocol } from "./protocols/slow-protocols.ts";
export { Bpdu } from "./protocols/stp.ts";
export { Snmp } from "./protocols/snmp.ts";
export type { SyslogContent } from "./protocols/syslog.ts";
export { Tftp } from "./protocols/tftp.ts";
export { Vrrp } from "./protocols/vrrp.ts";
export { Dhcp } from "./protocols/dhcp-message.ts";
export type { DhcpContent } from "./protocols/dhcp.ts";
export type { DhcpOption } from "./protocols/dhcp-options.ts";
export type { TlsContent } from "./protocols/tls.ts";
export type { TextContent } from "./protocols/text-lines.ts";
export { Geneve, type GeneveContent } from "./protocols/geneve.ts";
export { Gue, type GueContent } from "./protocols/gue.ts";
export { Vxlan } from "./protocols/vxlan.ts";
export { Gre, type GreContent } from "./protocols/gre.ts";
export { Ieee80211, Radiotap, type Ieee80211Content } from "./protocols/ieee80211.ts";
export { LinuxCooked, LinuxCooked2 } from "./protocols/linux-cooked.ts";
export { Loopback, LoopbackBig } from "./protocols/loopback.ts";
export { VlanTag } from "./headers/vlan.ts";
export { Ipv4 } from "./headers/ipv4.ts";
export { Ipv4OptionType, PvalOption, type Ipv4Option } from "./protocols/ipv4-options.ts";
export { Ipv6 } from "./headers/ipv6.ts";
export { DestinationOptions, HopByHop } from "./protocols/ipv6-extension.ts";
export { Ipv6OptionType, OptionHeader, type Ipv6Option } from "./protocols/ipv6-options.ts";
export { Fragment } from "./protocols/fragment.ts";
export { Tcp } from "./headers/tcp.ts";
export { TcpOptionType, type SackBlock, type TcpOption } from "./protocols/tcp-options.ts";
export { Udp } from "./headers/udp.ts";
export { IcmpEcho } from "./headers/icmp-echo.ts";
export {
  Icmp,
  IcmpParameterProblem,
  IcmpRedirect,
  IcmpTimeExceeded,
  IcmpType,
  IcmpUnreachable,
} from "./headers/icmp.ts";
export { type IcmpBody } from "./protocols/icmp.ts";
export {
  Icmpv6,
  Icmpv6PacketTooBig,
  Icmpv6ParameterProblem,
  Icmpv6TimeExceeded,
  Icmpv6Type,
  Icmpv6Unreachable,
} from "./headers/icmpv6.ts";
export { type Icmpv6Body } from "./protocols/icmpv6.ts";
export {
  NeighbourAdvertisement,
  NeighbourRedirect,
  NeighbourSolicitation,
  RouterAdvertisement,
  RouterSolicitation,
  type NeighbourOption,
} from "./protocols/neighbour-discovery.ts";

export { IoamOption, IoamTraceHeader, IoamType } from "./ioam/header.ts";
export {
  hopByHopLength,
  layOutHopByHop,
  traceShape,
  type HopByHopLayout,
  type OptionShape,
  type Padding,
} from "./ioam/hop-by-hop.ts";
export {
  ioamFields,
  maxTraceData,
  nodeLengthOf,
  opaqueStateBit,
  traceTypeBit,
  undefinedTraceBits,
  type IoamField,
} from "./ioam/fields.ts";
export {
  decodeEdgeToEdge,
  E2eBit,
  encodeEdgeToEdge,
  HOPMARK_E2E_TYPE,
  IoamE2eData,
  IoamE2eHeader,
  type IoamEdgeToEdge,
} from "./ioam/edge-to-edge.ts";
export {
  decodeDirectExport,
  encodeDirectExport,
  DirectExportHeader,
  ExtensionFlag,
  type DirectExport,
} from "./ioam/direct-export.ts";
export { decodeIoamTrace } from "./ioam/decode.ts";
export { encodeIoamTrace, type IoamTraceInput } from "./ioam/encode.ts";
export { columnOf, ioamColumns, TraceReader, type IoamColumn } from "./ioam/trace-reader.ts";
export type { IoamHop, IoamOpaqueState, IoamTrace } from "./ioam/trace.ts";

export { decodePacket, type DecodedPacket } from "./packet/decode.ts";
export { encodePacket } from "./packet/encode.ts";
export { formatPacket, type PacketBytes } from "./packet/format.ts";
export { layersFromJson } from "./packet/from-json.ts";
export { packetToJson, toJson, type JsonValue } from "./packet/json.ts";
export { FOU_IP, type FouPorts } from "./packet/protocol.ts";
export type { FormatOptions, PacketSpans, Protocol, Span } from "./packet/protocol.ts";
export { type Layer, type LayerInput } from "./packet/registry.ts";
export { maxLayers, PacketWalk, type WalkOptions } from "./packet/walk.ts";
