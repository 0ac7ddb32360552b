import { nodeLengthOf, traceTypeBit } from "../../../src/wire/ioam/fields.ts";
import type { Sample, Spec } from "../spec.ts";
import { changed, Drop, Pass, tcp4, udp6 } from "./packets.ts";

const FILLED = 0;
const NOT_IOAM = 1;
const NOT_FOR_US = 2;
const OVERFLOW_SET = 3;
const NO_ROOM = 4;
const MISALIGNED = 5;
const TRUNCATED = 6;
const WRONG_NODE_LENGTH = 7;

const HOP_BY_HOP_AT = 54;
const NEXT_HEADER_AT = 20;
const HOP_LIMIT_AT = 21;
/** Of the option when two bytes of padding come before it, and of what follows. */
const OPTION_AT = HOP_BY_HOP_AT + 4;
const TRACE_AT = OPTION_AT + 4;
const DATA_AT = TRACE_AT + 8;

const PAD = [1, 0];
const NAMESPACE = 123;
const HOP_LIMIT = 64;

interface Trace {
  readonly type: number;
  readonly words: number;
  readonly free?: number;
  readonly namespace?: number;
  readonly nodeLength?: number;
  readonly flags?: number;
  readonly ioamType?: number;
  /** What the option says of its length. */
  readonly length?: number;
}

const four = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

const optionOf = (trace: Trace): number[] => {
  const { type, words, free = words, namespace = NAMESPACE, flags = 0, ioamType = 0 } = trace;
  const { nodeLength = nodeLengthOf(type), length = 10 + words * 4 } = trace;
  const header = (nodeLength << 11) | (flags << 7) | free;
  return [
    0x31,
    length,
    0,
    ioamType,
    namespace >> 8,
    namespace & 255,
    header >> 8,
    header & 255,
    ...four(type << 8),
    ...new Uint8Array(words * 4).fill(0x77),
  ];
};

/** A UDP datagram with these options in a Hop-by-Hop header, which PadN fills up. */
const frame = (...options: readonly number[]): Uint8Array => {
  const missing = (8 - ((2 + options.length) % 8)) % 8;
  const tail = missing === 0 ? [] : missing === 1 ? [0] : [1, missing - 2, ...new Uint8Array(missing - 2)];
  const body = [...options, ...tail];
  const header = [17, (2 + body.length) / 8 - 1, ...body];
  const bytes = Uint8Array.from([...udp6.subarray(0, HOP_BY_HOP_AT), ...header, ...udp6.subarray(HOP_BY_HOP_AT)]);
  return changed(bytes, NEXT_HEADER_AT, 0);
};

const UNAVAILABLE = four(0xffff_ffff);
const NODE_ID = 0x0a0b0c;
const NAMESPACE_DATA = 0xdeadbeef;

/** What the node writes for each bit; the timestamps are whatever the time is. */
const fields: readonly number[][] = [
  four(((HOP_LIMIT - 1) << 24) | NODE_ID),
  four(0x2122_ffff),
  [0, 0, 0, 0],
  [0, 0, 0, 0],
  UNAVAILABLE,
  four(NAMESPACE_DATA),
  UNAVAILABLE,
  UNAVAILABLE,
  [HOP_LIMIT - 1, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20],
  [...four(0x3132_3334), ...UNAVAILABLE],
  [...four(NAMESPACE_DATA), ...four(0xcafedeca)],
  UNAVAILABLE,
];

const filled = (name: string, type: number, words: number, free = words): Sample => {
  const packet = frame(...PAD, ...optionOf({ type, words, free }));
  const left = free - nodeLengthOf(type);
  const entryAt = DATA_AT + left * 4;
  const clock: { start: number; end: number }[] = [];
  const entry: number[] = [];
  fields.forEach((field, bit) => {
    if ((type & traceTypeBit(bit)) === 0) return;
    const start = entryAt + entry.length;
    if (bit === 2 || bit === 3) clock.push({ start, end: start + 4 });
    entry.push(...field);
  });
  const after = changed(changed(packet, entryAt, ...entry), TRACE_AT + 3, left);
  return { name, packet, verdict: Pass, after, clock, counts: { [FILLED]: [1] } };
};

const untouched = (name: string, outcome: number, verdict: number, packet: Uint8Array): Sample => ({
  name,
  packet,
  verdict,
  counts: { [outcome]: [1] },
});

const TYPE = 0xfe0000;
const OVERFLOW = 8;
const traceOf = (changes: Partial<Trace> = {}): Uint8Array =>
  frame(...PAD, ...optionOf({ type: TYPE, words: 21, ...changes }));
const overflowed = (packet: Uint8Array): Uint8Array => changed(packet, TRACE_AT + 2, packet[TRACE_AT + 2]! | 4);

const full: Sample = {
  ...untouched("no room", NO_ROOM, Pass, traceOf({ free: 6 })),
  after: overflowed(traceOf({ free: 6 })),
};
const none: Sample = {
  ...untouched("no words free", NO_ROOM, Pass, traceOf({ type: 0, free: 0 })),
  after: overflowed(traceOf({ type: 0, free: 0 })),
};

export const ioamFill: Spec = {
  name: "ioam-fill",
  program: "ioam_fill",
  repeat: "ioam_fill_repeat",
  prepare: (contestant) => contestant.setVariable("tai_offset", 37_000_000_000n),
  samples: [
    filled("the demo's trace", TYPE, 21),
    filled("the last room", TYPE, 21, 7),
    filled("every field", 0xfff000, 60),
    ...Array.from({ length: 12 }, (_, bit) => filled(`bit ${bit}`, traceTypeBit(bit), 4)),
    filled("timestamps with what follows them", traceTypeBit(3) | traceTypeBit(8) | traceTypeBit(11), 61),
    full,
    none,
    untouched("overflow set", OVERFLOW_SET, Pass, traceOf({ flags: OVERFLOW })),
    untouched("another namespace", NOT_FOR_US, Pass, traceOf({ namespace: 124 })),
    untouched("a field without a name", NOT_FOR_US, Pass, traceOf({ type: TYPE | traceTypeBit(12), nodeLength: 8 })),
    untouched("opaque state", NOT_FOR_US, Pass, traceOf({ type: TYPE | traceTypeBit(22), nodeLength: 7 })),
    untouched("an incremental trace", NOT_FOR_US, Pass, traceOf({ ioamType: 1 })),
    untouched("node length wrong", WRONG_NODE_LENGTH, Drop, traceOf({ nodeLength: 6 })),
    untouched("misaligned", MISALIGNED, Drop, frame(...optionOf({ type: TYPE, words: 7 }))),
    untouched("more words free than there are", TRUNCATED, Drop, traceOf({ free: 22 })),
    untouched("shorter than a trace", TRUNCATED, Drop, traceOf({ length: 9 })),
    untouched("too short for a type", TRUNCATED, Drop, traceOf({ length: 1 })),
    untouched("longer than its header", TRUNCATED, Drop, traceOf({ length: 255 })),
    untouched("cut", TRUNCATED, Drop, traceOf().slice(0, DATA_AT + 80)),
    untouched("cut in the first bytes", TRUNCATED, Drop, traceOf().slice(0, HOP_BY_HOP_AT + 1)),
    untouched("no such option", NOT_IOAM, Pass, frame(5, 2, 0, 0)),
    untouched("behind ten Pad1", NOT_IOAM, Pass, frame(...new Uint8Array(10), ...optionOf({ type: TYPE, words: 7 }))),
    untouched("no Hop-by-Hop header", NOT_IOAM, Pass, udp6),
    untouched("IPv4", NOT_IOAM, Pass, tcp4),
    untouched("cut in IPv6", NOT_IOAM, Pass, udp6.slice(0, 53)),
    { ...filled("hop limit 0", traceTypeBit(0), 4), ...hopLimitZero() },
  ],
};

function hopLimitZero(): Pick<Sample, "packet" | "after"> {
  const { packet, after = packet } = filled("", traceTypeBit(0), 4);
  return {
    packet: changed(packet, HOP_LIMIT_AT, 0),
    after: changed(changed(after, HOP_LIMIT_AT, 0), DATA_AT + 12, 255),
  };
}
