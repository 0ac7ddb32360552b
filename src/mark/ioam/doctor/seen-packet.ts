/** A packet with a trace as it was seen somewhere, and which of a node's rules it breaks. */
import { readLayout } from "../../../wire/codec.ts";
import { decodeIoamTrace } from "../../../wire/ioam/decode.ts";
import { nodeLengthOf } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import type { IoamTrace } from "../../../wire/ioam/trace.ts";
import { LinkType } from "../../../wire/numbers.ts";
import { decodePacket } from "../../../wire/packet/decode.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType, OptionHeader } from "../../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import type { Rule } from "./finding.ts";

/** What stands in the Hop-by-Hop header of a packet. */
export interface SeenTrace {
  /** The first rule, in the kernel's order, for which a node drops the packet; null when there is none. */
  readonly broken: Extract<Rule, "option-misaligned" | "option-truncated" | "node-length-wrong"> | null;
  /** What is wrong, in figures; empty when nothing is. */
  readonly detail: string;
  readonly trace: IoamTrace | null;
  /** Bytes of data. */
  readonly size: number;
}

export interface SeenPacket {
  /** Bytes from the IPv6 header on. */
  readonly length: number;
  readonly hopLimit: number;
  readonly source: string;
  readonly destination: string;
  readonly hopByHop: boolean;
  /** Null without an IOAM trace. */
  readonly trace: SeenTrace | null;
  /** It asks nodes for reports (RFC 9326). */
  readonly directExport: boolean;
  /** Of an echo request. */
  readonly echo: { readonly identifier: number; readonly sequence: number } | null;
  /** The innermost destination: another than `destination` behind an outer header. */
  readonly innerDestination: string;
  /** The same for all sightings of a packet: what no node changes. */
  readonly key: string;
}

/** Looks at an IPv6 packet, cut short or whole. Null for what is none. */
export const seenPacket = (bytes: Uint8Array): SeenPacket | null => {
  if (bytes.length < Ipv6.size || bytes[0]! >> 4 !== 6) return null;
  const ip = readLayout(Ipv6, bytes, 0);
  const hopByHop = ip.nextHeader === 0;
  const { layers } = decodePacket(bytes, { linkType: LinkType.Raw, wireLength: Ipv6.size + ip.payloadLength });
  const addressed = layers.flatMap((layer) => (layer.protocol === "ipv6" ? [layer] : []));
  const icmp = layers.find((layer) => layer.protocol === "icmpv6");
  const behind = hopByHop && bytes.length >= Ipv6.size + 2 ? Ipv6.size + 8 + bytes[Ipv6.size + 1]! * 8 : Ipv6.size;
  return {
    length: Ipv6.size + ip.payloadLength,
    hopLimit: ip.hopLimit,
    source: ip.source,
    destination: ip.destination,
    hopByHop,
    trace: hopByHop ? seenTrace(bytes.subarray(Ipv6.size), ip.payloadLength) : null,
    directExport: hopByHop && asksForReports(bytes.subarray(Ipv6.size)),
    echo: icmp === undefined ? null : echoOf(bytes, icmp.offset),
    innerDestination: addressed.at(-1)?.header.destination ?? ip.destination,
    key: `${ip.source} ${ip.destination} ${Buffer.from(bytes.subarray(behind, behind + 128)).toString("base64")}`,
  };
};

const ECHO_REQUEST = 128;

const echoOf = (bytes: Uint8Array, at: number): SeenPacket["echo"] => {
  if (bytes[at] !== ECHO_REQUEST || bytes.length < at + 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  return { identifier: view.getUint16(4), sequence: view.getUint16(6) };
};

/**
 * The first pre-allocated trace of a Hop-by-Hop header, or the first that a node drops the packet for; with the rules in the
 * order in which the kernel applies them.
 */
const seenTrace = (bytes: Uint8Array, payloadLength: number): SeenTrace | null => {
  if (bytes.length < HopByHop.size) return null;
  const claimed = 8 + bytes[1]! * 8;
  // 0 stands for a jumbogram.
  if (payloadLength !== 0 && claimed > payloadLength) {
    return broken(
      "option-truncated",
      `the Hop-by-Hop header says ${claimed} bytes, and the packet has ${payloadLength}`,
    );
  }
  // A capture may hold less than there was.
  if (claimed > bytes.length) return null;
  const header = bytes.subarray(0, claimed);
  let first: SeenTrace | null = null;
  for (const { type, at, length } of ioamOptions(header)) {
    if (type !== Ipv6OptionType.Ioam) continue;
    const found = traceIn(header, at, length);
    if (found !== null && found.broken !== null) return found;
    first ??= found;
  }
  return first;
};

/** IOAM options of a whole Hop-by-Hop header: those that nodes write into, and those that they leave unchanged. */
function* ioamOptions(header: Uint8Array): Generator<{
  readonly type: number;
  readonly at: number;
  readonly length: number;
}> {
  let at: number = HopByHop.size;
  while (at + OptionHeader.size <= header.length) {
    const { type, length } = readLayout(OptionHeader, header, at);
    if (type === Ipv6OptionType.Ioam || type === Ipv6OptionType.IoamUnchanged) yield { type, at, length };
    at += type === Ipv6OptionType.Pad1 ? 1 : 2 + length;
  }
}

const asksForReports = (bytes: Uint8Array): boolean => {
  if (bytes.length < HopByHop.size || bytes.length < 8 + bytes[1]! * 8) return false;
  const header = bytes.subarray(0, 8 + bytes[1]! * 8);
  for (const { at, length } of ioamOptions(header)) {
    if (
      length >= 2 &&
      at + IoamOption.size <= header.length &&
      readLayout(IoamOption, header, at).ioamType === IoamType.DirectExport
    )
      return true;
  }
  return false;
};

/** Null for an IOAM option that is no trace. */
const traceIn = (header: Uint8Array, at: number, length: number): SeenTrace | null => {
  if (at % 4 !== 0)
    return broken("option-misaligned", `the option starts at byte ${at} of the header, no multiple of 4`);
  if (length < 2 || at + 2 + length > header.length) {
    return broken(
      "option-truncated",
      `the option says ${length} bytes, and ${header.length - at - 2} are left in the header`,
    );
  }
  if (readLayout(IoamOption, header, at).ioamType !== IoamType.PreallocatedTrace) return null;
  const needed = 2 + IoamTraceHeader.size;
  if (length < needed)
    return broken("option-truncated", `the option says ${length} bytes, and a trace has at least ${needed}`);
  const fields = readLayout(IoamTraceHeader, header, at + IoamOption.size);
  if (length < needed + fields.remainingLength * 4) {
    return broken(
      "option-truncated",
      `the option says ${length} bytes, and its ${fields.remainingLength} free words alone take ${needed + fields.remainingLength * 4}`,
    );
  }
  const nodeLength = nodeLengthOf(fields.traceType);
  if (fields.nodeLength !== nodeLength) {
    const type = `0x${fields.traceType.toString(16).padStart(6, "0")}`;
    return broken("node-length-wrong", `node length ${fields.nodeLength}, and type ${type} has ${nodeLength}`);
  }
  const trace = decodeIoamTrace(header, at + IoamOption.size, length - 2);
  return { broken: null, detail: trace.malformed ?? "", trace, size: length - needed };
};

const broken = (rule: NonNullable<SeenTrace["broken"]>, detail: string): SeenTrace => ({
  broken: rule,
  detail,
  trace: null,
  size: 0,
});
