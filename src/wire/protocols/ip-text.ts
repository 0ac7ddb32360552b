/** What the lines of IPv4 and IPv6 have in common. */
import { checksumOf, foldSum, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { readBits } from "../integer.ts";
import { IpProtocol } from "../numbers.ts";
import { isClaimed, type PacketSpans, type Printer } from "../packet/protocol.ts";

/** `IP6 `; with `-e`, as tcpdump has it, only the EtherType says so. */
export const printIpPrefix = (printer: Printer, name: string): void => {
  if (printer.link !== true) printer.text += `${name} `;
};

/**
 * `db01::1.5000 > db02::2.80: ` where ports follow at once, else without them. `contents`: where the header's own are, and
 * `protocol` their number.
 */
export const printEndpoints = (
  printer: Printer,
  index: number,
  protocol: number,
  source: string,
  destination: string,
): void => {
  const { bytes, spans } = printer.packet;
  const { offset, length, end } = spans[index]!;
  const at = offset + length;
  printer.text +=
    hasPorts(protocol) && at + 4 <= end
      ? `${source}.${portAt(bytes, at)} > ${destination}.${portAt(bytes, at + 2)}: `
      : `${source} > ${destination}: `;
};

/** `5000 > 80: ` for a transport header that an extension header parts from its IP header. */
export const printLonePorts = (printer: Printer, index: number): void => {
  const { packet } = printer;
  if (packet.spans[index - 1]?.protocol.network === true) return;
  const { offset } = packet.spans[index]!;
  printer.text += `${portAt(packet.bytes, offset)} > ${portAt(packet.bytes, offset + 2)}: `;
};

/** ` ip-proto-253 20` where a header announces what nothing here knows. */
export const printUnknownContents = (printer: Printer, index: number, protocol: number): void => {
  const { packet } = printer;
  if (isClaimed(packet, index)) return;
  const { offset, length, wireEnd } = packet.spans[index]!;
  const isIpv6 = packet.bytes[packet.spans[ipAround(packet, index + 1)]!.offset]! >> 4 === 6;
  if (protocol === IpProtocol.NoNextHeader) printer.text += "no next header";
  else if (isIpv6 && ipv4Only[protocol] !== undefined)
    printer.text += `[${ipv4Only[protocol]} requires IPv4] (invalid)`;
  else if (!isIpv6 && protocol === IpProtocol.Icmpv6) printer.text += "[ICMPv6 requires IPv6] (invalid)";
  else printer.text += ` ip-proto-${protocol} ${wireEnd - offset - length}`;
};

const ipv4Only: Readonly<Record<number, string>> = { [IpProtocol.Icmp]: "ICMP", [IpProtocol.Igmp]: "IGMP" };

/** The name by which a verbose line calls a protocol. */
export const protocolName = (protocol: number): string => protocolNames[protocol] ?? "unknown";

const hasPorts = (protocol: number): boolean =>
  protocol === IpProtocol.Tcp ||
  protocol === IpProtocol.Udp ||
  protocol === IpProtocol.Sctp ||
  protocol === IpProtocol.Dccp;

const portAt = (bytes: Uint8Array, offset: number): number => readBits(bytes, offset * 8, 16);

/** Index of the IP header around a layer; -1 without one. */
export const ipAround = ({ spans }: PacketSpans, index: number): number => {
  let at = index - 1;
  while (at >= 0 && spans[at]!.protocol.network !== true) at--;
  return at;
};

/** Whether the IP header around a layer is of version 6. */
export const isOverIpv6 = (packet: PacketSpans, index: number): boolean => {
  const ip = ipAround(packet, index);
  return ip >= 0 && packet.bytes[packet.spans[ip]!.offset]! >> 4 === 6;
};

/**
 * The sum over a transport header and its contents, pseudo-header included: 0 when its checksum is right. Undefined where
 * not all that it covers is here.
 */
export const transportSum = (printer: Printer, index: number, protocol: number): number | undefined => {
  const { packet, fragmented } = printer;
  const { offset, end, wireEnd } = packet.spans[index]!;
  const ip = ipAround(packet, index);
  if (fragmented || ip < 0 || end < wireEnd) return undefined;
  const pseudo = pseudoHeaderSum(packet.bytes, packet.spans[ip]!.offset, protocol, wireEnd - offset);
  return checksumOf(sumWords(packet.bytes, offset, wireEnd - offset, pseudo));
};

/** What a checksum should be that stands as `found` under a sum that is not 0. */
export const rightChecksum = (found: number, sum: number): number => {
  const right = foldSum(found + sum);
  return right === 0xffff ? 0 : right;
};

export const hex4 = (value: number): string => value.toString(16).padStart(4, "0");

const protocolNames: Readonly<Record<number, string>> = {
  [IpProtocol.HopByHop]: "Options",
  [IpProtocol.Icmp]: "ICMP",
  [IpProtocol.Igmp]: "IGMP",
  [IpProtocol.Ipv4]: "IPIP",
  [IpProtocol.Tcp]: "TCP",
  8: "EGP",
  9: "IGRP",
  [IpProtocol.Udp]: "UDP",
  [IpProtocol.Dccp]: "DCCP",
  [IpProtocol.Ipv6]: "IPv6",
  [IpProtocol.Routing]: "Routing",
  [IpProtocol.Fragment]: "Fragment",
  [IpProtocol.Rsvp]: "RSVP",
  [IpProtocol.Gre]: "GRE",
  [IpProtocol.Esp]: "ESP",
  [IpProtocol.Ah]: "AH",
  55: "Mobile IP",
  [IpProtocol.Icmpv6]: "ICMPv6",
  62: "Mobile IP (old)",
  [IpProtocol.Eigrp]: "EIGRP",
  [IpProtocol.Ospf]: "OSPF",
  [IpProtocol.Pim]: "PIM",
  108: "Compressed IP",
  [IpProtocol.Vrrp]: "VRRP",
  113: "PGM",
  [IpProtocol.Sctp]: "SCTP",
  135: "Mobility",
  143: "Ethernet",
};
