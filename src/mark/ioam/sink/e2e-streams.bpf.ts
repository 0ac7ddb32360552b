/**
 * What of numbered packets arrived: counted in the kernel, so that it is exact also when nobody reads. A stream is a group of
 * one encapsulating node. All that changes is changed in one step, since packets of one stream arrive on several CPUs.
 */
import { atomicAdd, atomicLoad, compareExchange, fetchAdd } from "../../../kernel/atomics.ts";
import { hashMap, arrayMap, MapUpdate, variable } from "../../../kernel/maps.ts";
import { array, struct, u32, u64, type TypeOf } from "../../../wire/layout.ts";
import { count } from "../../feature/count.bpf.ts";
import { SEQUENCE_BITS } from "../sequence-number.ts";
import { SinkCounter, sinkCounters } from "./counters.ts";

export const MAX_STREAMS = 2048;

export const StreamKey = struct("e2e_stream_key", {
  /** Of the trace's first entry; its 56-bit id, above 2^56, when the trace has that alone. All ones: unknown. */
  nodeId: u64,
  namespaceId: u32,
  /** The upper 20 bits of the sequence number; {@link SHORT_GROUP} for numbers of 32 bits. */
  group: u32,
});

/** Each says of 32 sequence numbers which have come: bits below, above them which 32 of those that share the word. */
const WORDS = 256;
/** Numbers back to which a packet that comes late is still known. */
export const WINDOW = WORDS * 32;

export const Stream = struct("e2e_stream", {
  /** One past the highest number that came, 0 when none came yet; numbers here start at 2^44. */
  next: u64,
  /** The lowest number that came. */
  first: u64,
  /** Numbers that came at least once. */
  received: u64,
  /** Packets whose number had come before. */
  repeated: u64,
  /** Numbers that came after a higher one. */
  reordered: u64,
  /** Packets that came when their number was out of the window: whether for the first time is not known. */
  late: u64,
  window: array(u64, WORDS),
});

/** Numbers of 32 bits have no group: this is one that numbers of 64 bits cannot have. */
export const SHORT_GROUP = 1 << 20;

/** Where in {@link e2eStreams} each stream is. */
export const e2eIndex = hashMap(StreamKey, u32, { entries: MAX_STREAMS, name: "e2e_index" });
export const e2eStreams = arrayMap(Stream, { entries: MAX_STREAMS, name: "e2e_streams" });
export const e2eUsed = variable(u32, 0, { name: "e2e_used" });

type StreamView = TypeOf<typeof Stream>;

/** Numbers start here, so that some are below the first one. */
const START = 1n << SEQUENCE_BITS;
/** The word of the highest number may already have lost as many of the lowest. */
const REACH = BigInt(WINDOW - 32);
const TURN_MASK = 0xffff_ffffn;
/** Somebody else has changed the word each time. */
const MOST_TRIES = 64;

/** Counts a packet of a stream; `sequence` without the group. Numbers begin anew at `span`, a power of two. */
export const countSequence = (key: TypeOf<typeof StreamKey>, sequence: bigint, span: bigint): void => {
  const stream = streamOf(key);
  if (stream === null) return count(sinkCounters, SinkCounter.e2eStreamsFull);
  const next = atomicLoad(stream, "next");
  const place = placeOf(next, sequence, span);
  if (next !== 0n && BigInt.asUintN(64, place + REACH) < next) return atomicAdd(stream, "late", 1n);
  const seen = mark(stream, place);
  if (seen === Seen.Late) return atomicAdd(stream, "late", 1n);
  if (seen === Seen.Before) return atomicAdd(stream, "repeated", 1n);
  if (seen === Seen.Unknown) return count(sinkCounters, SinkCounter.e2eContended);
  if (place < next) atomicAdd(stream, "reordered", 1n);
  raiseNext(stream, BigInt.asUintN(64, place + 1n));
  lowerFirst(stream, place);
  atomicAdd(stream, "received", 1n);
};

const streamOf = (key: TypeOf<typeof StreamKey>): StreamView | null => {
  const known = e2eIndex.lookup(key);
  if (known !== null) return e2eStreams.lookup(known.value);
  const index = fetchAdd(e2eUsed, "value", 1);
  // Another CPU may have been faster; the place that was taken for nothing stays empty.
  if (index < MAX_STREAMS) e2eIndex.update(key, { value: index }, MapUpdate.NoExist);
  const added = e2eIndex.lookup(key);
  return added === null ? null : e2eStreams.lookup(added.value);
};

/** The number without its end: the one next to `next` that ends so. */
const placeOf = (next: bigint, sequence: bigint, span: bigint): bigint => {
  if (next === 0n) return START + sequence;
  const ahead = BigInt.asUintN(64, sequence - next) & BigInt.asUintN(64, span - 1n);
  return BigInt.asUintN(64, ahead < span >> 1n ? next + ahead : next + ahead - span);
};

const Seen = { First: 0, Before: 1, Late: 2, Unknown: 3 } as const;

/** Notes that a number has come. */
const mark = (stream: StreamView, place: bigint): number => {
  const word = Number((place >> 5n) & BigInt(WORDS - 1));
  const turn = (place >> 13n) & TURN_MASK;
  const bit = 1n << (place & 31n);
  let seen: number = Seen.Unknown;
  for (let tries = 0; tries < MOST_TRIES && seen === Seen.Unknown; tries++) {
    const old = atomicLoad(stream.window, word);
    const newer = BigInt.asUintN(64, turn - (old >> 32n)) & TURN_MASK;
    if (old !== 0n && newer > TURN_MASK / 2n) seen = Seen.Late;
    else if (newer === 0n && (old & bit) !== 0n) seen = Seen.Before;
    else {
      const kept = newer === 0n ? old : turn << 32n;
      if (compareExchange(stream.window, word, old, kept | bit) === old) seen = Seen.First;
    }
  }
  return seen;
};

const raiseNext = (stream: StreamView, next: bigint): void => {
  let old = atomicLoad(stream, "next");
  for (let tries = 0; tries < MOST_TRIES && old < next; tries++) {
    if (compareExchange(stream, "next", old, next) === old) return;
    old = atomicLoad(stream, "next");
  }
};

const lowerFirst = (stream: StreamView, place: bigint): void => {
  let old = atomicLoad(stream, "first");
  for (let tries = 0; tries < MOST_TRIES && (old === 0n || old > place); tries++) {
    if (compareExchange(stream, "first", old, place) === old) return;
    old = atomicLoad(stream, "first");
  }
};
