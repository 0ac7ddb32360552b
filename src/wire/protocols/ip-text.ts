/** What the lines of IPv4 and IPv6 have in common. */
import { readBits } from "../integer.ts";
import { IpProtocol } from "../numbers.ts";
import { hasContents, type Printer } from "../packet/protocol.ts";

/** `IP6 `; with `-e`, as tcpdump has it, only the EtherType says so. */
export const printIpPrefix = (printer: Printer, name: string): void => {
  if (printer.link !== true) printer.text += `${name} `;
};

/** `db01::1.5000 > db02::2.80: ` where ports follow at once, else without them. */
export const printEndpoints = (printer: Printer, index: number, source: string, destination: string): void => {
  const { packet } = printer;
  const next = index + 1 < packet.count ? packet.spans[index + 1]! : undefined;
  if (next !== undefined && hasPorts(next.protocol.name)) {
    const [from, to] = portsAt(packet.bytes, next.offset);
    printer.text += `${source}.${from} > ${destination}.${to}: `;
  } else {
    printer.text += `${source} > ${destination}: `;
  }
};

/** `5000 > 80: ` for a transport header that an extension header parts from its IP header. */
export const printLonePorts = (printer: Printer, index: number): void => {
  const { packet } = printer;
  if (packet.spans[index - 1]?.protocol.network === true) return;
  const [from, to] = portsAt(packet.bytes, packet.spans[index]!.offset);
  printer.text += `${from} > ${to}: `;
};

/** ` ip-proto-253 20` where a header announces what nothing here knows. */
export const printUnknownContents = (printer: Printer, index: number, protocol: number): void => {
  const { packet } = printer;
  if (hasContents(packet, index) || packet.truncated !== null || packet.malformed !== null) return;
  const { offset, length, wireEnd } = packet.spans[index]!;
  printer.text +=
    protocol === IpProtocol.NoNextHeader ? "no next header" : ` ip-proto-${protocol} ${wireEnd - offset - length}`;
};

/** The name by which a verbose line calls a protocol. */
export const protocolName = (protocol: number): string => protocolNames[protocol] ?? "unknown";

const hasPorts = (name: string): boolean => name === "tcp" || name === "udp";

const portsAt = (bytes: Uint8Array, offset: number): [number, number] => [
  readBits(bytes, offset * 8, 16),
  readBits(bytes, offset * 8 + 16, 16),
];

const protocolNames: Readonly<Record<number, string>> = {
  [IpProtocol.HopByHop]: "Options",
  [IpProtocol.Icmp]: "ICMP",
  [IpProtocol.Ipv4]: "IPIP",
  [IpProtocol.Tcp]: "TCP",
  [IpProtocol.Udp]: "UDP",
  [IpProtocol.Ipv6]: "IPv6",
  [IpProtocol.Routing]: "Routing",
  [IpProtocol.Fragment]: "Fragment",
  [IpProtocol.Gre]: "GRE",
  [IpProtocol.Icmpv6]: "ICMPv6",
};
