/** IPv6's fixed header. */
import { formatAddress, ipv6 as address } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits } from "../integer.ts";
import { Ipv6 } from "../headers/ipv6.ts";
import type { TypeOf } from "../layout.ts";
import { EtherType, IpProtocol, LinkType } from "../numbers.ts";
import { fitLength, malformed, truncated, type Protocol } from "../packet/protocol.ts";
import { printEndpoints, printIpPrefix, printUnknownContents, protocolName } from "./ip-text.ts";

export const ipv6: Protocol<"ipv6", { header: TypeOf<typeof Ipv6> }> = {
  name: "ipv6",
  abbreviation: "ip6",
  etherTypes: [EtherType.Ipv6],
  ipProtocols: [IpProtocol.Ipv6],
  linkTypes: [LinkType.Ipv6],
  bounded: true,
  network: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Ipv6.size) return truncated;
    if (bytes[offset]! >> 4 !== 6) return malformed;
    const payloadLength = readBits(bytes, (offset + 4) * 8, 16);
    const nextHeader = bytes[offset + 6]!;
    // Zero before a Hop-by-Hop header is a jumbogram (RFC 2675), or a GSO packet seen before segmentation.
    if (payloadLength !== 0 || nextHeader !== IpProtocol.HopByHop) step.bound(offset + Ipv6.size + payloadLength);
    if (!ofIpv4.has(nextHeader)) step.follow("ipProtocol", nextHeader);
    return Ipv6.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Ipv6, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(Ipv6, {
      version: 6,
      trafficClass: 0,
      flowLabel: 0,
      hopLimit: 64,
      source: unspecified,
      destination: unspecified,
      ...given,
      payloadLength: given.payloadLength ?? fitLength("ipv6 payload", context.contents, 0xffff),
      nextHeader: given.nextHeader ?? context.next("ipProtocol") ?? IpProtocol.NoNextHeader,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, wireEnd } = spans[index]!;
    printIpPrefix(printer, "IP6");
    const around = index === 0 ? printer.wireLength : spans[index - 1]!.wireEnd;
    if (wireEnd > around) printer.text += `truncated-ip6 - ${wireEnd - around} bytes missing!`;
    if (printer.level > 0) {
      const { trafficClass, flowLabel, hopLimit, nextHeader, payloadLength } = readLayout(Ipv6, bytes, offset);
      printer.text += "(";
      if (trafficClass !== 0) printer.text += `class 0x${trafficClass.toString(16).padStart(2, "0")}, `;
      if (flowLabel !== 0) printer.text += `flowlabel 0x${flowLabel.toString(16).padStart(5, "0")}, `;
      printer.text += `hlim ${hopLimit}, next-header ${protocolName(nextHeader)} (${nextHeader}) payload length: ${payloadLength}) `;
    }
    const [source, destination] = [formatAddress("ipv6", bytes, offset + 8), formatAddress("ipv6", bytes, offset + 24)];
    printer.fragmented = false;
    printEndpoints(printer, index, bytes[offset + 6]!, source, destination);
    printUnknownContents(printer, index, bytes[offset + 6]!);
    return false;
  },

  printUnread(printer, { fault, offset }) {
    const version = printer.packet.bytes[offset]! >> 4;
    if (fault === malformed) printIpPrefix(printer, "IP6");
    printer.text += fault === truncated ? " [|ip6]" : `version error: ${version} != 6`;
  },
};

/** What asks for IPv4's own addresses. */
const ofIpv4: ReadonlySet<number> = new Set([IpProtocol.Icmp, IpProtocol.Igmp]);

const unspecified = address("::");
