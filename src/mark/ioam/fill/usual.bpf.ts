/**
 * The Hop-by-Hop header that nearly every traced packet has: a padding of two bytes, the trace, and a padding where the trace
 * does not end at a multiple of 8; a trace type that is asked for most, and room in it. A few comparisons tell, and the entry
 * is written where it must be, without a walk through options and fields. All else goes by the rules one by one.
 */
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { nodeLengthOf } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import { be16, be64, header, u8 } from "../../../wire/layout.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../wire/protocols/ipv6.ts";
import { commonEntries, microsecondsOf, secondsOf } from "./entry.bpf.ts";
import type { EgressIds } from "./fill.bpf.ts";
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
const Padding = header("padding", "RFC 8200, section 4.2", { typeAndLength: be16 });
const PadN = (length: number): number => Ipv6OptionType.PadN * 256 + length;

/** Of `trace`: node length, overflow flag, trace type. */
const SHAPE = 0xfc00_ffff_ff00n;
const NAMESPACE_SHIFT = 48n;
const NODE_LENGTH_SHIFT = 43n;
const REMAINING_SHIFT = 32n;
const TYPE_SHIFT = 8n;

/**
 * Adds the node's entry to a trace in a Hop-by-Hop header of `bytes` bytes, all of them reachable, at `network + 40`, when it
 * is the usual one. False, and nothing written, when it is not.
 */
export const fillUsual = (
  ctx: PacketContext,
  node: IoamNode,
  ingress: IoamInterface,
  bytes: number,
  nowNs: bigint,
  egress?: EgressIds,
): boolean => {
  const { network } = ingress;
  const start = network + Ipv6.size;
  const ip = ctx.packet.at(Ipv6, network);
  const usual = ctx.packet.at(Usual, start);
  if (ip === null || usual === null) return false;
  if (usual.padding !== PadN(0) || usual.optionType !== Ipv6OptionType.Ioam) return false;
  if (usual.ioamType !== IoamType.PreallocatedTrace) return false;
  const { trace, optionLength } = usual;
  const behind = bytes - OPTION_AT - 2 - optionLength;
  if (behind !== 0) {
    const padding = behind === 4 ? ctx.packet.at(Padding, start + bytes - 4) : null;
    if (padding === null || padding.typeAndLength !== PadN(2)) return false;
  }
  const remaining = Number(trace >> REMAINING_SHIFT) & 127;
  if (optionLength < 2 + IoamTraceHeader.size + remaining * 4) return false;
  const namespaceId = Number(trace >> NAMESPACE_SHIFT);
  let data = -1;
  for (const namespace of node.namespaces) if (namespaceId === namespace.id) data = namespace.data;
  if (data < 0) return false;
  const hopLimit = (ip.hopLimit + 255) & 255;
  const values: Record<string, number> = {
    hopLimit,
    nodeId: node.id,
    ingressId: ingress.id,
    timestampSeconds: secondsOf(nowNs),
    timestampFraction: microsecondsOf(nowNs),
    namespaceData: data,
    ...(egress !== undefined && { egressId: egress.id }),
  };
  for (const { traceType, layout, columns } of commonEntries) {
    const words = nodeLengthOf(traceType);
    const shape = (BigInt(words) << NODE_LENGTH_SHIFT) | (BigInt(traceType) << TYPE_SHIFT);
    if ((trace & SHAPE) === shape) {
      const left = remaining - words;
      if (left < 0) return false;
      const at = start + OPTION_AT + IoamOption.size + IoamTraceHeader.size + (left & 127) * 4;
      const entry = ctx.packet.at(layout, at);
      const after = ctx.packet.at(IoamTraceHeader, start + OPTION_AT + IoamOption.size);
      if (entry === null || after === null) return false;
      for (const { name, unset } of columns) entry[name] = values[name] ?? unset;
      after.remainingLength = left & 127;
      return true;
    }
  }
  return false;
};
