/** The last node's part of the Edge-to-Edge option: finds it, notes it for the records, and counts its sequence number. */
import type { TcContext } from "../../../kernel/context.ts";
import { opaqueStateBit, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { E2eBit, IoamE2eHeader } from "../../../wire/ioam/edge-to-edge.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import { be32, be64, header, u8 } from "../../../wire/layout.ts";
import { count } from "../../feature/count.bpf.ts";
import { countSequence, SHORT_GROUP } from "./e2e-streams.bpf.ts";
import { entryWords } from "../fill/entry.bpf.ts";
import { knows } from "../fill/fill.bpf.ts";
import type { IoamNode } from "../node.ts";
import { visitIoamOptions } from "../fill/option.bpf.ts";
import type { FlowView } from "./report.bpf.ts";
import { SEQUENCE_BITS } from "../sequence-number.ts";
import { SinkCounter, sinkCounters } from "./counters.ts";

const Sequence = header("sequence number", "RFC 9197, section 4.6", { value: be64 });
const Time = header("E2E timestamp", "RFC 9197, section 4.6", { seconds: be32, fraction: be32 });
const ShortSequence = header("short sequence number", "RFC 9197, section 4.6", { value: be32 });
/** Both parts of the time when it was sent. */
const TIME_BITS = E2eBit.Seconds | E2eBit.Fraction;
/** After so many numbers of a group they begin anew. */
const LONG_SPAN = 1n << SEQUENCE_BITS;
const SHORT_SPAN = 1n << 32n;
const SEQUENCE_MASK = LONG_SPAN - 1n;

/** Counts the packet's first Edge-to-Edge option of a namespace of the node's, in a Hop-by-Hop header of `bytes` bytes at `start`. */
export const arriveNumbered = (ctx: TcContext, node: IoamNode, flow: FlowView, start: number, bytes: number): void => {
  let numbered = 0;
  let traced = 0;
  visitIoamOptions(ctx, start, bytes, (at) => {
    const option = ctx.packet.at(IoamOption, at);
    if (option === null || at + 2 + option.length > start + bytes) return false;
    if (option.ioamType === IoamType.EdgeToEdge) numbered = at;
    if (option.ioamType === IoamType.PreallocatedTrace) traced = at;
    return true;
  });
  if (numbered !== 0) arrive(ctx, node, flow, numbered, traced);
};

const arrive = (ctx: TcContext, node: IoamNode, flow: FlowView, at: number, traced: number): void => {
  const option = ctx.packet.at(IoamOption, at);
  const start = at + IoamOption.size;
  const e2e = ctx.packet.at(IoamE2eHeader, start);
  if (option === null || e2e === null || !knows(node, e2e.namespaceId)) return;
  const { namespaceId, e2eType } = e2e;
  const isLong = (e2eType & E2eBit.Sequence) !== 0;
  const isShort = (e2eType & E2eBit.ShortSequence) !== 0;
  const sequence = isLong ? ctx.packet.at(Sequence, start + IoamE2eHeader.size) : null;
  const short = isShort ? ctx.packet.at(ShortSequence, start + IoamE2eHeader.size) : null;
  const size = isLong ? Sequence.size : ShortSequence.size;
  // Of two numbers nobody knows which one counts.
  const isNumbered = isLong !== isShort && option.length >= 2 + IoamE2eHeader.size + size;
  if (!isNumbered || (sequence === null && short === null)) return count(sinkCounters, SinkCounter.e2eWithoutSequence);
  const number = sequence?.value ?? BigInt(short?.value ?? 0);
  const time = ctx.packet.at(Time, start + IoamE2eHeader.size + size);
  const isTimed = (e2eType & TIME_BITS) === TIME_BITS && option.length >= 2 + IoamE2eHeader.size + size + Time.size;
  flow.e2eType = (isLong ? E2eBit.Sequence : E2eBit.ShortSequence) | (isTimed && time !== null ? TIME_BITS : 0);
  flow.e2eSequence = number;
  if (isTimed && time !== null)
    flow.e2eTimestampNs = BigInt(time.seconds) * 1_000_000_000n + BigInt(time.fraction) * 1000n;
  const nodeId = traced === 0 ? UNKNOWN_NODE : firstNode(ctx, traced);
  const group = isLong ? Number(number >> SEQUENCE_BITS) : SHORT_GROUP;
  countSequence({ nodeId, namespaceId, group }, number & SEQUENCE_MASK, isLong ? LONG_SPAN : SHORT_SPAN);
};

const UNKNOWN_NODE = 0xffff_ffff_ffff_ffffn;
/** An option has no room for more entries. */
const MAX_ENTRIES = 61;

const Byte = header("byte", "", { value: u8 });
const Id = header("node id", "RFC 9197, section 4.4.2.1", { value: be32 });
const WideId = header("wide node id", "RFC 9197, section 4.4.2.9", { value: be64 });
const ID_BIT = traceTypeBit(0);
const WIDE_ID_BIT = traceTypeBit(8);
const BEFORE_WIDE_ID = 0xff_0000;

/** The id in the trace's first entry, which is the last in its data; {@link UNKNOWN_NODE} when there is none. */
const firstNode = (ctx: TcContext, at: number): bigint => {
  const option = ctx.packet.at(IoamOption, at);
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  if (option === null || trace === null) return UNKNOWN_NODE;
  const { traceType } = trace;
  const end = at + 2 + option.length;
  const fixed = entryWords(traceType) * 4;
  let next = at + IoamOption.size + IoamTraceHeader.size + trace.remainingLength * 4;
  let first = (traceType & opaqueStateBit) === 0 ? end - fixed : next;
  if ((traceType & opaqueStateBit) !== 0) {
    // Entries of different lengths can only be walked from the front.
    for (let visited = 0; visited < MAX_ENTRIES && next + fixed + 4 <= end; visited++) {
      const words = ctx.packet.at(Byte, next + fixed);
      if (words === null) break;
      first = next;
      next = (next + fixed + 4 + words.value * 4) & 0xfff;
    }
  }
  if (first < next && next > end) return UNKNOWN_NODE;
  first &= 0xfff;
  if ((traceType & ID_BIT) !== 0) {
    const id = ctx.packet.at(Id, first);
    return id === null ? UNKNOWN_NODE : BigInt(id.value & 0xff_ffff);
  }
  if ((traceType & WIDE_ID_BIT) === 0) return UNKNOWN_NODE;
  const wide = ctx.packet.at(WideId, first + entryWords(traceType & BEFORE_WIDE_ID) * 4);
  return wide === null ? UNKNOWN_NODE : (wide.value & 0xff_ffff_ffff_ffffn) | (1n << 56n);
};
