/** IPv4 with options. */
import { formatAddress, ipv4 as address } from "../address.ts";
import { checksum } from "../checksum.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits, writeBits } from "../integer.ts";
import { Ipv4 } from "../headers/ipv4.ts";
import type { TypeOf } from "../layout.ts";
import { EtherType, IpProtocol, LinkType } from "../numbers.ts";
import { decodeOptions, encodeOptions, optionTexts } from "../option-list.ts";
import { fitLength, malformed, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { printEndpoints, printIpPrefix, printUnknownContents, protocolName, rightChecksum } from "./ip-text.ts";
import { ipv4OptionFormat, type Ipv4Option } from "./ipv4-options.ts";

export interface Ipv4Content {
  header: TypeOf<typeof Ipv4>;
  options: Ipv4Option[];
}

export const ipv4: Protocol<"ipv4", Ipv4Content> = {
  name: "ipv4",
  abbreviation: "ip",
  etherTypes: [EtherType.Ipv4],
  ipProtocols: [IpProtocol.Ipv4],
  linkTypes: [LinkType.Ipv4],
  llcSaps: [0x06],
  bounded: true,
  network: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Ipv4.size) return truncated;
    const length = (bytes[offset]! & 0x0f) * 4;
    if (bytes[offset]! >> 4 !== 4 || length < Ipv4.size) return malformed;
    if (offset + length > end) return truncated;
    const totalLength = readBits(bytes, (offset + 2) * 8, 16);
    // Zero: a GSO packet seen before segmentation.
    if (totalLength !== 0 && totalLength < length) return malformed;
    if (totalLength !== 0) step.bound(offset + totalLength);
    const protocol = bytes[offset + 9]!;
    if (readBits(bytes, (offset + 6) * 8 + 3, 13) === 0 && !ofIpv6.has(protocol)) step.follow("ipProtocol", protocol);
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Ipv4, bytes, offset),
    options: decodeOptions(ipv4OptionFormat, bytes, offset + Ipv4.size, offset + length),
  }),

  encode({ header: given = {}, options = [] }, context) {
    const list = encodeOptions(ipv4OptionFormat, options);
    const length = Ipv4.size + (given.headerLength === undefined ? Math.ceil(list.length / 4) * 4 : list.length);
    const bytes = new Uint8Array(length);
    bytes.set(
      encodeLayout(Ipv4, {
        version: 4,
        dscp: 0,
        ecn: 0,
        identification: 0,
        reservedFlag: 0,
        dontFragment: 0,
        moreFragments: 0,
        fragmentOffset: 0,
        ttl: 64,
        checksum: 0,
        source: unspecified,
        destination: unspecified,
        ...given,
        headerLength: given.headerLength ?? fitLength("ipv4 header", length / 4, 15),
        totalLength: given.totalLength ?? fitLength("ipv4", length + context.contents, 0xffff),
        protocol: given.protocol ?? context.next("ipProtocol") ?? experimental,
      }),
    );
    bytes.set(list, Ipv4.size);
    if (given.checksum === undefined) writeBits(checksum(bytes, 0, length), bytes, 80, 16);
    return bytes;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, wireEnd, quoted } = spans[index]!;
    const source = formatAddress("ipv4", bytes, offset + 12);
    const destination = formatAddress("ipv4", bytes, offset + 16);
    printIpPrefix(printer, "IP");
    const around = index === 0 ? printer.wireLength : spans[index - 1]!.wireEnd;
    if (wireEnd > around && !quoted) printer.text += `truncated-ip - ${wireEnd - around} bytes missing! `;
    if (printer.level > 0) printHeader(printer, offset, length);
    const protocol = bytes[offset + 9]!;
    const fragment = readBits(bytes, (offset + 6) * 8 + 2, 14);
    if ((fragment & 0x1fff) !== 0) {
      printer.text += `${source} > ${destination}: ip-proto-${protocol}`;
      return true;
    }
    printer.fragmented = fragment !== 0;
    printEndpoints(printer, index, protocol, source, destination);
    printUnknownContents(printer, index, protocol);
    return false;
  },

  printUnread(printer, { fault, offset, end }) {
    const { bytes } = printer.packet;
    const version = offset < end ? bytes[offset]! >> 4 : 4;
    if (offset < end && printer.link !== true) printer.text += "IP";
    if (version === 6)
      printer.text += `${printer.link === true ? "IP" : ""}6, wrong link-layer encapsulation (invalid)`;
    else if (version !== 4) printer.text += `${printer.link === true ? "IP" : ""}${version} (invalid)`;
    else if (fault === truncated) printer.text += `${offset < end && printer.link !== true ? " " : ""} [|ip]`;
    else printBadLength(printer, offset);
  },
};

/** RFC 3692's first number for experiments: what a header says whose contents are unknown bytes. */
const experimental = 253;

/** Extension headers, which mean nothing in IPv4, and ICMPv6. */
const ofIpv6: ReadonlySet<number> = new Set([
  IpProtocol.HopByHop,
  IpProtocol.Routing,
  IpProtocol.Fragment,
  IpProtocol.DestinationOptions,
  IpProtocol.Icmpv6,
]);

const unspecified = address("0.0.0.0");

/** What goes before the addresses with `-v`, on a line of its own. */
const printHeader = (printer: Printer, offset: number, length: number): void => {
  const { bytes } = printer.packet;
  const ip = readLayout(Ipv4, bytes, offset);
  const tos = ((ip.dscp << 2) | ip.ecn).toString(16);
  const flags = [
    ip.moreFragments === 1 ? "+" : "",
    ip.dontFragment === 1 ? "DF" : "",
    ip.reservedFlag === 1 ? "rsvd" : "",
  ].filter((flag) => flag !== "");
  printer.text +=
    `(tos 0x${tos}${ip.ecn === 0 ? "" : `,${ecnNames[ip.ecn]}`}${ip.ttl === 0 ? "" : `, ttl ${ip.ttl}`}, ` +
    `id ${ip.identification}, offset ${ip.fragmentOffset * 8}, flags [${flags.length === 0 ? "none" : flags.join(", ")}], ` +
    `proto ${protocolName(ip.protocol)} (${ip.protocol}), length ${ip.totalLength}`;
  if (length > Ipv4.size) {
    const unknown = (type: number): string => `unknown ${type}`;
    printer.text += `, options (${optionTexts(ipv4OptionFormat, bytes, offset + Ipv4.size, offset + length, unknown).join(",")})`;
  }
  const sum = checksum(bytes, offset, length);
  if (sum !== 0) {
    printer.text += `, bad cksum ${ip.checksum.toString(16)} (->${rightChecksum(ip.checksum, sum).toString(16)})!`;
  }
  printer.text += ")\n    ";
};

/** A header, or a packet, that says to be shorter than any header. */
const printBadLength = (printer: Printer, offset: number): void => {
  const { headerLength, totalLength } = readLayout(Ipv4, printer.packet.bytes, offset);
  const bytes = headerLength * 4;
  if (printer.link !== true) printer.text += " ";
  printer.text += bytes < Ipv4.size ? `bad-hlen ${bytes}` : `bad-len ${totalLength}`;
};

const ecnNames = ["", "ECT(1)", "ECT(0)", "CE"] as const;
