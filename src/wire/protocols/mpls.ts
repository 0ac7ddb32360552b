/** MPLS: a stack of labels; the first bits behind it tell what it carries. */
import { encodeLayout, readLayout } from "../codec.ts";
import { bits, header, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { hexDump } from "../line/hex-dump.ts";
import { isClaimed, malformed, truncated, type Protocol } from "../packet/protocol.ts";

/** One entry; `bottom` is 1 in the last. */
export const MplsLabel = header("MplsLabel", "RFC 3032, section 2.1; RFC 5462", {
  label: bits(20),
  trafficClass: bits(3),
  bottom: bits(1),
  ttl: u8,
});

/** A stack of labels. */
export interface MplsContent {
  /** The outermost first. */
  labels: Partial<TypeOf<typeof MplsLabel>>[];
}

const IPV4_EXPLICIT_NULL = 0;
const IPV6_EXPLICIT_NULL = 2;
const IMPLICIT_NULL = 3;
const names: Readonly<Record<number, string>> = {
  [IPV4_EXPLICIT_NULL]: "IPv4 explicit NULL",
  1: "router alert",
  [IPV6_EXPLICIT_NULL]: "IPv6 explicit NULL",
  [IMPLICIT_NULL]: "implicit NULL",
};

export const mpls: Protocol<"mpls", MplsContent> = {
  name: "mpls",
  abbreviation: "mpls",
  etherTypes: [EtherType.Mpls, EtherType.MplsMulticast],
  udpPorts: [6635],

  measure(bytes, offset, end, step) {
    let at = offset;
    let isBottom = false;
    while (!isBottom) {
      if (at + MplsLabel.size > end) return step.wireEnd > end ? truncated : malformed;
      isBottom = (bytes[at + 2]! & 1) === 1;
      at += MplsLabel.size;
    }
    const type = contentsOf(labelAt(bytes, at - MplsLabel.size), bytes[at] ?? 0);
    if (at < end && type !== undefined) step.follow("etherType", type);
    return at - offset;
  },

  decode(bytes, offset, length) {
    const labels = [];
    for (let at = offset; at < offset + length; at += MplsLabel.size) labels.push(readLayout(MplsLabel, bytes, at));
    return { labels };
  },

  encode({ labels = [{}] }) {
    return Uint8Array.from(
      labels.flatMap((label, index) => [
        ...encodeLayout(MplsLabel, {
          label: 16,
          trafficClass: 0,
          bottom: index === labels.length - 1 ? 1 : 0,
          ttl: 64,
          ...label,
        }),
      ]),
    );
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, end } = spans[index]!;
    printer.text += "MPLS";
    printer.text += stackText(bytes, offset, offset + length, printer.level > 0);
    if (isClaimed(printer.packet, index)) {
      printer.text += printer.level > 0 ? "\n\t" : " ";
      return false;
    }
    if (printer.hexFollows !== true && printer.quick !== true)
      printer.text += hexDump(bytes, offset + length, end, true);
    return true;
  },

  printUnread(printer, { fault, offset, end }) {
    const whole = Math.floor((end - offset) / MplsLabel.size) * MplsLabel.size;
    printer.text += `MPLS${stackText(printer.packet.bytes, offset, offset + whole, printer.level > 0)}`;
    printer.text += fault === truncated ? " [|mpls]" : " (invalid)";
  },
};

const labelAt = (bytes: Uint8Array, at: number): number => readLayout(MplsLabel, bytes, at).label;

/** ` (label 16, tc 0, ttl 63) (label 17, tc 5, [S], ttl 64)` */
const stackText = (bytes: Uint8Array, start: number, end: number, isVerbose: boolean): string => {
  let text = "";
  for (let at = start; at < end; at += MplsLabel.size) {
    const { label, trafficClass, bottom, ttl } = readLayout(MplsLabel, bytes, at);
    const name = isVerbose && names[label] !== undefined ? ` (${names[label]})` : "";
    text += `${isVerbose && at > start ? "\n\t" : " "}(label ${label}${name}, tc ${trafficClass}, ${bottom === 1 ? "[S], " : ""}ttl ${ttl})`;
  }
  return text;
};

/** RFC 3032, section 2.1: by the last label, else by the IP version. */
const contentsOf = (label: number, first: number): number | undefined => {
  if (label === IPV4_EXPLICIT_NULL || label === IMPLICIT_NULL) return EtherType.Ipv4;
  if (label === IPV6_EXPLICIT_NULL) return EtherType.Ipv6;
  const version = first >> 4;
  return version === 4 ? EtherType.Ipv4 : version === 6 ? EtherType.Ipv6 : undefined;
};
