/**
 * Hop-by-Hop headers that try every rule a node has, in the kernel's order, for a node that knows the namespaces 123
 * (no schema), 7 (a schema of three words) and 0. `outcome` is Hopmark's name for what becomes of the trace; of several, all
 * names in the order of `outcomeNames`, joined by +.
 */
import { nodeLengthOf, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { outcomeNames } from "../outcome.ts";
import {
  ACTIVE,
  concat,
  exportOption,
  hopByHop,
  LOOPBACK,
  OVERFLOW,
  padding,
  traceHeader,
  traceOption,
  type TraceOptionInput,
} from "./frames.ts";

export interface RuleCase {
  readonly name: string;
  readonly hopByHop: Uint8Array;
  readonly outcome: string;
  /** What the IPv6 header says follows it; default: the truth, {@link PAYLOAD} bytes more than the Hop-by-Hop header. */
  readonly payloadLength?: number;
  /** A sink takes the option off, though it is no trace. */
  readonly known?: true;
  /** There are other options than IOAM's and padding. */
  readonly others?: true;
}

/** Bytes behind the Hop-by-Hop header of a test's packet. */
export const PAYLOAD = 8;

const of = (name: string, outcome: string, header: Uint8Array): RuleCase => {
  if (!outcome.split("+").every((each) => outcomeNames.includes(each))) throw new RangeError(`no outcome ${outcome}`);
  return { name, outcome, hopByHop: header };
};
const trace = (name: string, outcome: string, input: TraceOptionInput): RuleCase =>
  of(name, outcome, traceHeader(input));
const hex = (type: number): string => `0x${type.toString(16).padStart(6, "0")}`;
const data = (words: number, fill = 0): Uint8Array => new Uint8Array(words * 4).fill(fill);

/** An earlier node's data behind the free words must stay as it is. */
const used = (free: number, words: number): Uint8Array => concat([data(free), data(words, 0x5a)]);

const typesToFill = [
  ...Array.from({ length: 24 }, (_, bit) => traceTypeBit(bit)),
  ...Array.from({ length: 23 }, (_, bit) => traceTypeBit(bit) | traceTypeBit(23)),
  ...Array.from({ length: 22 }, (_, bit) => traceTypeBit(bit) | traceTypeBit(22)),
  0xfff002,
  0xfff000,
  0xfffffe,
  0xffffff,
  0xfe0000,
  0xf60000,
  0x000ffc,
];

const bitCases: RuleCase[] = typesToFill.flatMap((traceType) =>
  [123, 7, 0].map((namespaceId) =>
    trace(`type ${hex(traceType)} in namespace ${namespaceId}`, "filled", { traceType, namespaceId, data: data(40) }),
  ),
);

/** Every number of free words around what an entry takes: 4 words of 0xf00000; 1 + 4 of bit 0 with a schema of 3 words. */
const roomCases: RuleCase[] = Array.from({ length: 8 }, (_, free) => free).flatMap((free) => [
  trace(`${free} words free for 4`, free < 4 ? "noRoom" : "filled", { remaining: free, data: used(free, 6) }),
  trace(`${free} words free for 1 and a schema`, free < 5 ? "noRoom" : "filled", {
    traceType: traceTypeBit(0) | traceTypeBit(22),
    namespaceId: 7,
    remaining: free,
    data: used(free, 6),
  }),
  trace(`${free} words free for 1 and no schema`, free < 2 ? "noRoom" : "filled", {
    traceType: traceTypeBit(0) | traceTypeBit(22),
    remaining: free,
    data: used(free, 6),
  }),
  trace(`${free} words free for bit 23 alone`, free === 0 ? "noRoom" : "filled", {
    traceType: traceTypeBit(23),
    remaining: free,
    data: used(free, 6),
  }),
]);

const sizeCases: RuleCase[] = Array.from({ length: 61 }, (_, index) => index + 1).flatMap((words) => [
  trace(`${words * 4} bytes of 0x800000`, "filled", { traceType: 0x80_0000, data: data(words) }),
  trace(`${words * 4} bytes of 0xfff002`, words < 16 ? "noRoom" : "filled", { traceType: 0xfff002, data: data(words) }),
]);

const flagCases: RuleCase[] = Array.from({ length: 16 }, (_, flags) =>
  trace(`flags ${flags}`, (flags & OVERFLOW) !== 0 ? "overflowSet" : "filled", { flags }),
).concat(
  trace("no room, loopback and active", "noRoom", { flags: LOOPBACK | ACTIVE, remaining: 3, data: used(3, 4) }),
  trace("overflow set and no room", "overflowSet", { flags: OVERFLOW, remaining: 0, data: used(0, 4) }),
);

/** The option's length too short by every number of bytes, while the header is long enough. */
const lengthCases: RuleCase[] = Array.from({ length: 60 }, (_, length) => {
  const option = traceOption({ length, traceType: 0xf00000, data: data(12) });
  // What the option leaves of its 60 bytes must read as padding.
  option.fill(0, 2 + Math.max(length, 10));
  const rest = 60 - 2 - length;
  if (length >= 10 && rest >= 2 && rest <= 7) option.set(padding(rest), 2 + length);
  // At 59 it ends a byte after the header does.
  const outcome = length === 10 + 48 ? "filled" : "truncated";
  return of(`option length ${length} for 12 words free`, outcome, hopByHop([padding(2), option]));
});

const nodeLengthCases: RuleCase[] = Array.from({ length: 32 }, (_, nodeLength) =>
  trace(`node length ${nodeLength} of 0xf00000`, nodeLength === 4 ? "filled" : "wrongNodeLength", { nodeLength }),
).concat(
  trace("node length that counts the opaque state", "wrongNodeLength", {
    traceType: 0x800002,
    nodeLength: nodeLengthOf(0x800002) + 1,
  }),
);

const pad1 = new Uint8Array(1);

const placeCases: RuleCase[] = [
  ...[0, 1, 2, 3, 4, 5, 6].map((before) =>
    of(
      `${before} Pad1 before the trace`,
      (2 + before) % 4 === 0 ? "filled" : "misaligned",
      hopByHop([new Uint8Array(before), traceOption()]),
    ),
  ),
  ...[0, 2, 3, 4, 5, 6, 7].map((before) =>
    of(
      `${before} bytes of padding before the trace`,
      (2 + before) % 4 === 0 ? "filled" : "misaligned",
      hopByHop([padding(before), traceOption()]),
    ),
  ),
  of("misaligned, in a namespace nobody knows", "misaligned", hopByHop([pad1, traceOption({ namespaceId: 99 })])),
  of("misaligned, of another IOAM type", "misaligned", hopByHop([pad1, traceOption({ ioamType: 3 })])),
  {
    ...of("a router alert, then the trace", "filled", hopByHop([routerAlert(), padding(2), traceOption()])),
    others: true,
  },
  {
    ...of("an unknown option that may be skipped, then the trace", "filled", hopByHop([unknown(6), traceOption()])),
    others: true,
  },
  {
    ...of("the trace, then a router alert", "filled", hopByHop([padding(2), traceOption(), routerAlert()])),
    others: true,
  },
  of(
    "the trace last in its header, without padding",
    "filled",
    hopByHop([padding(2), traceOption({ data: data(12) })]),
  ),
];

function routerAlert(): Uint8Array {
  return Uint8Array.of(5, 2, 0, 0);
}

/** An option of so many bytes that a node may skip when it does not know it (RFC 8200, section 4.2). */
function unknown(bytes: number): Uint8Array {
  const option = new Uint8Array(bytes);
  option.set([0x1e, bytes - 2]);
  return option;
}

const otherCases: RuleCase[] = [
  of("padding only", "noOption", hopByHop([padding(6)])),
  of("Pad1 only", "noOption", hopByHop([new Uint8Array(6)])),
  of("a router alert only", "noOption", hopByHop([routerAlert(), padding(2)])),
  of("several unknown options", "noOption", hopByHop([unknown(6), unknown(4), unknown(12)])),
  ...[1, 2, 255].map((ioamType) => trace(`IOAM type ${ioamType}`, "notATrace", { ioamType })),
  { ...trace("IOAM type 4", "notATrace", { ioamType: 4 }), known: true },
  trace("IOAM type 3", "edgeToEdge", { ioamType: 3 }),
  {
    ...trace("IOAM type 3 too short for a trace", "edgeToEdge", { ioamType: 3, length: 6, data: data(0) }),
    others: true,
  },
  trace("a namespace nobody knows", "namespaceUnknown", { namespaceId: 99 }),
  trace("a namespace nobody knows, and no room", "namespaceUnknown", { namespaceId: 99, remaining: 0 }),
  trace("a namespace nobody knows, node length wrong", "wrongNodeLength", { namespaceId: 99, nodeLength: 1 }),
  trace("a namespace nobody knows, overflow set", "namespaceUnknown", { namespaceId: 99, flags: OVERFLOW }),
  trace("overflow set, node length wrong", "wrongNodeLength", { flags: OVERFLOW, nodeLength: 1 }),
  trace("a reserved byte in the option", "filled", { reserved: 0xff }),
];

const asking = (name: string, ...options: Uint8Array[]): RuleCase =>
  of(name, "notATrace", hopByHop([padding(2), ...options]));

/** Options that ask for reports (RFC 9326): transit leaves them alone, as the kernel does; a sink takes off those it knows. */
export const exportCases: readonly RuleCase[] = [
  ...[
    asking("a report asked for", exportOption()),
    asking("with flow id", exportOption({ extensionFlags: 0x80, extensions: [7] })),
    asking("with sequence number", exportOption({ extensionFlags: 0x40, extensions: [9] })),
    asking("with both", exportOption({ extensionFlags: 0xc0, extensions: [7, 9] })),
    asking("with extensions nobody knows", exportOption({ extensionFlags: 0xf0, extensions: [7, 9, 1, 2] })),
    asking("with flags nobody knows", exportOption({ flags: 0xff })),
    asking("of every field", exportOption({ traceType: 0xffffff, namespaceId: 7 })),
    asking("of every field, without a schema", exportOption({ traceType: 0xffffff, namespaceId: 0 })),
    asking("a report in an option that nodes may change", exportOption({ type: 0x31 })),
    of("a report asked for at an odd place", "notATrace", hopByHop([pad1, exportOption()])),
    of("a report asked for behind longer padding", "notATrace", hopByHop([padding(6), exportOption()])),
  ].map((own) => ({ ...own, known: true as const })),
  asking("a report asked for in a namespace nobody knows", exportOption({ namespaceId: 99 })),
  asking("a report whose extensions are cut", exportOption({ extensionFlags: 0xc0, extensions: [7] })),
  asking("a report whose header is cut", exportOption({ length: 9 })),
  asking("a trace in an option that no node may change", exportOption({ ioamType: 0 })),
  of(
    "an edge-to-edge option that no node may change",
    "edgeToEdge",
    hopByHop([padding(2), exportOption({ ioamType: 3, extensions: [1, 2] })]),
  ),
];

/** More than one IOAM option in a header. */
export const severalOptions: RuleCase[] = [
  of(
    "a trace, and a report asked for",
    "filled+notATrace",
    hopByHop([padding(2), traceOption(), exportOption({ namespaceId: 99 })]),
  ),
  of(
    "an edge-to-edge option, then the trace",
    "filled+edgeToEdge",
    hopByHop([padding(2), traceOption({ ioamType: 3, data: data(3) }), traceOption()]),
  ),
  of(
    "two traces, of two namespaces",
    "filled+filled",
    hopByHop([padding(2), traceOption(), traceOption({ namespaceId: 7, traceType: 0x800000, data: data(6) })]),
  ),
  of(
    "a trace of a namespace nobody knows, then one that is known",
    "filled+namespaceUnknown",
    hopByHop([padding(2), traceOption({ namespaceId: 99 }), traceOption({ traceType: 0x800000, data: data(6) })]),
  ),
  of(
    "a trace, then one that is misaligned",
    "filled+misaligned",
    hopByHop([padding(2), traceOption(), pad1, traceOption({ traceType: 0x800000, data: data(6) })]),
  ),
  of(
    "a trace, then one whose node length is wrong",
    "filled+wrongNodeLength",
    hopByHop([padding(2), traceOption(), traceOption({ nodeLength: 9, data: data(6) })]),
  ),
  of(
    "a trace, then one that is truncated",
    "filled+truncated",
    hopByHop([padding(2), traceOption(), traceOption({ remaining: 7, data: data(6) })]),
  ),
  of(
    "two traces, the second of which has overflowed",
    "filled+overflowSet",
    hopByHop([padding(2), traceOption(), traceOption({ flags: OVERFLOW, data: data(6, 0xff), remaining: 0 })]),
  ),
  of(
    "two traces, the first of which has no room",
    "filled+noRoom",
    hopByHop([padding(2), traceOption({ remaining: 1, data: used(1, 11) }), traceOption({ data: data(6, 0xff) })]),
  ),
];

/** IPv6 headers whose length ends within, or right after, the Hop-by-Hop header of 64 bytes; 0 is a jumbogram's. */
const payloadCases: RuleCase[] = [0, 1, 7, 8, 56, 63, 64, 65].map((payloadLength) => ({
  ...trace(`payload length ${payloadLength}`, payloadLength === 0 || payloadLength >= 64 ? "filled" : "truncated", {}),
  payloadLength,
}));

/** Cases under the rule that they try. */
export interface RuleGroup {
  readonly title: string;
  readonly cases: readonly RuleCase[];
}

/** All of the matrix. */
export const ruleGroups: readonly RuleGroup[] = [
  { title: "each bit of the trace type, alone and combined", cases: bitCases },
  { title: "free words around what an entry takes", cases: roomCases },
  { title: "sizes of the data, up to a full trace", cases: sizeCases },
  { title: "overflow, loopback, active and reserved flags", cases: flagCases },
  { title: "option too short: truncated", cases: lengthCases },
  { title: "node length", cases: nodeLengthCases },
  { title: "place in the header: misaligned, other options", cases: placeCases },
  { title: "IPv6 length that ends within the header", cases: payloadCases },
  { title: "unknown namespace, other IOAM types, no IOAM", cases: otherCases },
  { title: "Direct Export", cases: exportCases },
  { title: "several IOAM options in a header", cases: severalOptions },
];

/** Those with one IOAM option at most. */
export const ruleCases: readonly RuleCase[] = ruleGroups.flatMap(({ cases }) =>
  cases === severalOptions ? [] : [...cases],
);
