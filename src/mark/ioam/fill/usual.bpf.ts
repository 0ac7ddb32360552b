/**
 * The Hop-by-Hop header that nearly every traced packet has: a padding of two bytes, the trace, and a padding where the trace
 * does not end at a multiple of 8; a trace type that is asked for most, and room in it. A few comparisons tell, and the entry
 * is written where it must be, without a walk through options and fields. All else goes by the rules one by one.
 */
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { nodeLengthOf } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import { be16, be24, be48, be64, header, u16, u8 } from "../../../wire/layout.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { commonEntries, microsecondsOf, secondsOf } from "./entry.bpf.ts";
import type { ArrivalTime, EgressIds } from "./fill.bpf.ts";
import type { IoamInterface, IoamNode } from "../node.ts";

/** Where the option starts, as 2 + 4n wants it. */
const OPTION_AT = 4;

const Usual = header("usual Hop-by-Hop header", "RFC 9486, section 3", {
  nextHeader: u8,
  headerExtLen: u8,
  padding: be16,
  optionType: u8,
  optionLength: u8,
  reserved: u8,
  ioamType: u8,
  /** The trace's header as one number: namespace, lengths and flags, trace type. */
  trace: be64,
});
/** The next header with the hop limit, as one number: in this order, because then it is the number's last byte. */
const NextHeader = header("next header", "RFC 8200, section 3", { before: be48, value: u16 });
/** The trace's header up to the number of words that are free, the last flag above them. */
const Lengths = header("lengths", "RFC 9197, section 4.4.1", { before: be24, value: u8 });
const Padding = header("padding", "RFC 8200, section 4.2", { typeAndLength: be16 });
const padN = (length: number): number => Ipv6OptionType.PadN * 256 + length;

/** Of `trace`: node length, overflow flag, trace type. */
const SHAPE = 0xfc00_ffff_ff00n;
const NAMESPACE_SHIFT = 48n;
const NODE_LENGTH_SHIFT = 43n;
const REMAINING_SHIFT = 32n;
const TYPE_SHIFT = 8n;

/**
 * Shows `use` the trace of a Hop-by-Hop header of `bytes` bytes, all of them reachable, at `network + 40`, when the header is
 * a usual one. Returns what `use` does; {@link NOT_USUAL}, without a call, when it is not.
 */
export const onUsual = (
  ctx: PacketContext,
  network: number,
  bytes: number,
  use: (trace: UsualTrace) => number,
): number => {
  const next = ctx.packet.at(NextHeader, network);
  if (next === null) return NOT_USUAL;
  // The next header is 0, but only we know. What the verifier learns of bytes at a known place would make two cases of all
  // that comes after this, and it would walk both.
  const start = network + Ipv6.size + (next.value & 0xff);
  const usual = ctx.packet.at(Usual, start);
  if (usual === null) return NOT_USUAL;
  if (usual.padding !== padN(0) || usual.optionType !== Ipv6OptionType.Ioam) return NOT_USUAL;
  if (usual.ioamType !== IoamType.PreallocatedTrace) return NOT_USUAL;
  const { trace: header, optionLength } = usual;
  const behind = bytes - (OPTION_AT + 2) - optionLength;
  if (behind !== 0) {
    const padding = behind === 4 ? ctx.packet.at(Padding, start + bytes - 4) : null;
    if (padding === null || padding.typeAndLength !== padN(2)) return NOT_USUAL;
  }
  const remaining = Number(header >> REMAINING_SHIFT) & 127;
  if (optionLength < 2 + IoamTraceHeader.size + remaining * 4) return NOT_USUAL;
  return use({ header, optionLength, remaining, at: start + OPTION_AT + IoamOption.size });
};

/** What there is to know of a trace in a usual header. */
export interface UsualTrace {
  /** Its header as one number. */
  readonly header: bigint;
  readonly optionLength: number;
  /** Words free; the option has them. */
  readonly remaining: number;
  /** Where its header starts. */
  readonly at: number;
}

/** No trace type. */
export const NOT_USUAL = 0;

export const namespaceOf = ({ header }: UsualTrace): number => Number(header >> NAMESPACE_SHIFT);

/** Whether it is of that type, with the node length that the type says, and has not overflowed. */
export const isOfType = ({ header }: UsualTrace, traceType: number): boolean =>
  (header & SHAPE) === ((BigInt(nodeLengthOf(traceType)) << NODE_LENGTH_SHIFT) | (BigInt(traceType) << TYPE_SHIFT));

/**
 * Adds the node's entry to a trace in a Hop-by-Hop header of `bytes` bytes, all of them reachable, at `network + 40`, when it
 * is the usual one. Returns its trace type; {@link NOT_USUAL}, and has written nothing, when it is not.
 */
export const fillUsual = (
  ctx: PacketContext,
  node: IoamNode,
  ingress: IoamInterface,
  bytes: number,
  arrivalTime: ArrivalTime,
  egress?: EgressIds,
): number =>
  onUsual(ctx, ingress.network, bytes, (trace) => {
    const namespaceId = namespaceOf(trace);
    let data = -1;
    for (const namespace of node.namespaces) if (namespaceId === namespace.id) data = namespace.data;
    const ip = ctx.packet.at(Ipv6, ingress.network);
    const lengths = ctx.packet.at(Lengths, trace.at);
    if (data < 0 || ip === null || lengths === null) return NOT_USUAL;
    for (const { traceType, layout, columns } of commonEntries) {
      if (isOfType(trace, traceType)) {
        const words = nodeLengthOf(traceType);
        if (trace.remaining < words) return NOT_USUAL;
        const entry = ctx.packet.at(layout, trace.at + IoamTraceHeader.size + ((trace.remaining - words) & 127) * 4);
        if (entry === null) return NOT_USUAL;
        const nowNs = arrivalTime(traceType);
        const values: Record<string, number> = {
          // This node's own hop is not yet taken off the packet, but counts.
          hopLimit: (ip.hopLimit + 255) & 255,
          nodeId: node.id,
          ingressId: ingress.id,
          timestampSeconds: secondsOf(nowNs),
          timestampFraction: microsecondsOf(nowNs),
          namespaceData: data,
          ...(egress !== undefined && { egressId: egress.id }),
        };
        for (const { name, unset } of columns) entry[name] = values[name] ?? unset;
        // No borrow: so the flag keeps its value.
        lengths.value = (Number(trace.header >> REMAINING_SHIFT) - words) & 0xff;
        return traceType;
      }
    }
    return NOT_USUAL;
  });
