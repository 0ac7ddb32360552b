/** What of numbered packets arrived at a sink, read from its maps and added up by who numbered them. */
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import type { TypeOf } from "../../../wire/layout.ts";
import { e2eIndex, e2eStreams, e2eUsed, type Stream, type StreamKey } from "./e2e-streams.bpf.ts";
import { isWholeGroup, originOf } from "../sequence-number.ts";

/**
 * Packets of one encapsulating rule. Counted are packets as the encapsulating node saw them: what is cut into segments
 * later (GSO) has one number for all of them, arrives with the first and is lost with the last.
 */
export interface NumberedPackets {
  /** Who numbered them, in decimal; 56-bit ids when the trace has those alone. Null: the trace does not say. */
  readonly nodeId: string | null;
  readonly namespaceId: number;
  /** Which of the node's rules: a number that is drawn when the rule is made. */
  readonly origin: number;
  readonly received: number;
  /** From the first number that came to the last: those that did not come, or came late. */
  readonly lost: number;
  readonly duplicated: number;
  /** Came after one that was sent later. */
  readonly reordered: number;
  /** Came when 8,160 and more later ones had come: whether they are duplicates is not known. */
  readonly late: number;
  /** Further pieces of packets that were cut on their way. */
  readonly pieces: number;
}

/** The maps of a sink that counts sequence numbers, by the names of their pins. */
export const e2eMaps = { e2e_index: e2eIndex, e2e_streams: e2eStreams, e2e_used: e2eUsed };

/** What of one group of one node arrived. */
export type StreamState = Omit<TypeOf<typeof Stream>, "window"> & { readonly key: TypeOf<typeof StreamKey> };

/** Every stream that came to a sink. */
export const streamsOf = (feature: PinnedSet): StreamState[] => {
  const index = feature.map("e2e_index", e2eIndex);
  const streams = feature.map("e2e_streams", e2eStreams);
  return [...index].flatMap(([key, { value }]) => {
    const stream = streams.get(value);
    return stream === undefined ? [] : [{ ...stream, key }];
  });
};

export const numberedPackets = (feature: PinnedSet): NumberedPackets[] => numberedIn(streamsOf(feature));

/**
 * The same of several sinks of one node: a group's packets may come by several interfaces, and what did not come to one may
 * have come to another. Of two packets at two sinks nobody sees which came first, or that they have one number.
 */
export const numberedIn = (all: readonly StreamState[]): NumberedPackets[] => {
  const streams = new Map<string, StreamState>();
  for (const stream of all) {
    const name = `${stream.key.nodeId} ${stream.key.namespaceId} ${stream.key.group}`;
    const other = streams.get(name);
    streams.set(name, other === undefined ? stream : together(other, stream));
  }
  const found = new Map<string, NumberedPackets>();
  for (const stream of streams.values()) {
    const own = packetsOf(stream.key, stream);
    const name = `${own.nodeId} ${own.namespaceId} ${own.origin}`;
    const others = found.get(name);
    found.set(name, others === undefined ? own : sum(others, own));
  }
  return [...found.values()];
};

const together = (one: StreamState, other: StreamState): StreamState => ({
  key: one.key,
  // 0: of this one none came yet.
  first: other.first === 0n || (one.first !== 0n && one.first < other.first) ? one.first : other.first,
  next: one.next > other.next ? one.next : other.next,
  received: one.received + other.received,
  repeated: one.repeated + other.repeated,
  reordered: one.reordered + other.reordered,
  late: one.late + other.late,
});

/** All of them as counters of the sink. */
export const numberedTotals = (all: readonly NumberedPackets[]): Readonly<Record<string, bigint>> => {
  const total = (count: (own: NumberedPackets) => number): bigint =>
    BigInt(all.reduce((before, own) => before + count(own), 0));
  return {
    e2eReceived: total(({ received }) => received),
    e2eLost: total(({ lost }) => lost),
    e2eDuplicated: total(({ duplicated }) => duplicated),
    e2eReordered: total(({ reordered }) => reordered),
    e2eLate: total(({ late }) => late),
    e2ePieces: total(({ pieces }) => pieces),
  };
};

const UNKNOWN_NODE = 0xffff_ffff_ffff_ffffn;
const WIDE_ID = (1n << 56n) - 1n;

const packetsOf = (key: TypeOf<typeof StreamKey>, stream: Omit<StreamState, "key">): NumberedPackets => {
  const isWhole = isWholeGroup(key.group);
  const repeated = Number(stream.repeated);
  const received = Number(stream.received);
  return {
    nodeId: key.nodeId === UNKNOWN_NODE ? null : String(key.nodeId & WIDE_ID),
    namespaceId: key.namespaceId,
    origin: originOf(key.group),
    received,
    // While packets come, one of the numbers may be newer than the others.
    lost: Math.max(0, Number(stream.next - stream.first) - received),
    duplicated: isWhole ? 0 : repeated,
    reordered: Number(stream.reordered),
    late: Number(stream.late),
    pieces: isWhole ? repeated : 0,
  };
};

const sum = (one: NumberedPackets, other: NumberedPackets): NumberedPackets => ({
  ...one,
  received: one.received + other.received,
  lost: one.lost + other.lost,
  duplicated: one.duplicated + other.duplicated,
  reordered: one.reordered + other.reordered,
  late: one.late + other.late,
  pieces: one.pieces + other.pieces,
});
