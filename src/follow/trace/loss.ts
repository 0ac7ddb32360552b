/**
 * What was sent with a trace, and what arrived. A trace has no sequence number: what was lost is what the encapsulating
 * node counted less what the sink counted, or what the sink knows from the numbers of an Edge-to-Edge option. Counted are packets as they are on the wire: a packet that is whole at the
 * one (GSO) may be several at the other, each with a copy of its trace.
 */

/** Counters by their names, as {@link encapCounterNames} and {@link sinkCounterNames} say. */
export type CounterValues = Readonly<Record<string, bigint>>;

/** The counters of everyone on the path, read at one moment. */
export interface Counted {
  /** One per prefix; empty when the encapsulating node is out of reach. */
  readonly encap: readonly CounterValues[];
  /** One per node that is Hopmark's; none for those of the kernel. */
  readonly transit: readonly CounterValues[];
  readonly sink: CounterValues;
  /** Of reports in place of traces (Direct Export); absent when none are read. */
  readonly exports?: CounterValues;
}

export interface Loss {
  /** Packets on the wire. Null when the encapsulating node is out of reach. */
  readonly sent: number | null;
  readonly received: number;
  /**
   * Packets still under way count as lost: at the end, let them arrive first. Null when the encapsulating node is out of
   * reach and some packets had no number.
   */
  readonly lost: number | null;
  /** Of numbered packets; null when the sink does not count numbers. */
  readonly edgeToEdge: EdgeToEdge | null;
  /** Of packets on which nodes reported; null when no reports are read. */
  readonly exports: Exports | null;
  /** Packets that did not go the ordinary way, by role and reason (`encap.tooBig`); only those that are there. */
  readonly reasons: Readonly<Record<string, number>>;
}

/**
 * What numbers say, from the first that came to the last. Counted are packets as the encapsulating node saw them: what is cut
 * into segments later (GSO) has one number for all of them.
 */
export interface EdgeToEdge {
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Came after one that was sent later. */
  readonly reordered: number;
  /** Came so late that whether they are duplicates is not known. */
  readonly late: number;
}

/** Packets on which nodes reported, as the encapsulating node numbered them: pieces of one (GSO) have one number. */
export interface Exports {
  /** Reported by all nodes that report on their flow. */
  readonly joined: number;
  /** Arrived, and some node's report is missing. */
  readonly incomplete: number;
  /** Not reported where packets of their flow end: lost, or the report is. */
  readonly notArrived: number;
  readonly duplicated: number;
  /** Cut on their way, and reported piece by piece. */
  readonly inPieces: number;
}

/** What happened between two readings of the same counters. Read the encapsulating ones first: then nothing seems to arrive that was not sent, but while packets are under way. */
export const lossBetween = (before: Counted, after: Counted): Loss => {
  const encap = addUp(after.encap, before.encap);
  const transit = addUp(after.transit, before.transit);
  const sink = addUp([after.sink], [before.sink]);
  const exports = addUp([after.exports ?? {}], [before.exports ?? {}]);
  const sent = after.encap.length === 0 ? null : (encap.get("segments") ?? 0);
  const received = sink.get("segments") ?? 0;
  const edgeToEdge = sink.has("e2eReceived") ? edgeToEdgeOf(sink) : null;
  const allNumbered = edgeToEdge !== null && (sink.get("edgeToEdge") ?? 0) >= (sink.get("received") ?? 0);
  const reasons = [
    ...reasonsOf("encap", encap),
    ...reasonsOf("transit", transit),
    ...reasonsOf("sink", sink),
    ...reasonsOf("export", exports),
  ];
  return {
    sent,
    received,
    lost: sent === null ? (allNumbered ? edgeToEdge.lost : null) : Math.max(0, sent - received),
    edgeToEdge,
    exports: after.exports === undefined ? null : exportsOf(exports),
    reasons: Object.fromEntries(reasons),
  };
};

/** What becomes of a packet when all is well. */
const ordinary = new Set([
  "sent",
  "segments",
  "received",
  "filled",
  "kept",
  "decapsulated",
  "edgeToEdge",
  "e2eReceived",
  "e2eLost",
  "e2eDuplicated",
  "e2eReordered",
  "e2eLate",
  "e2ePieces",
  "joined",
  "exported",
  // The traces themselves say it.
  "loopbackIgnored",
  "activeIgnored",
]);

const exportsOf = (counters: ReadonlyMap<string, number>): Exports => {
  const count = (name: keyof Exports): number => counters.get(name) ?? 0;
  return {
    joined: count("joined"),
    incomplete: count("incomplete"),
    notArrived: count("notArrived"),
    duplicated: count("duplicated"),
    inPieces: count("inPieces"),
  };
};

const edgeToEdgeOf = (sink: ReadonlyMap<string, number>): EdgeToEdge => ({
  received: sink.get("e2eReceived") ?? 0,
  // What was missing before may have come since.
  lost: Math.max(0, sink.get("e2eLost") ?? 0),
  duplicated: sink.get("e2eDuplicated") ?? 0,
  reordered: sink.get("e2eReordered") ?? 0,
  late: sink.get("e2eLate") ?? 0,
});

const reasonsOf = (role: string, counters: ReadonlyMap<string, number>): (readonly [string, number])[] =>
  [...counters]
    .filter(([name, value]) => value > 0 && !ordinary.has(name))
    .map(([name, value]) => [`${role}.${name}`, value] as const);

const addUp = (after: readonly CounterValues[], before: readonly CounterValues[]): Map<string, number> => {
  const sums = new Map<string, number>();
  const add = (values: CounterValues, sign: 1 | -1): void => {
    for (const [name, value] of Object.entries(values)) sums.set(name, (sums.get(name) ?? 0) + sign * Number(value));
  };
  for (const values of after) add(values, 1);
  for (const values of before) add(values, -1);
  return sums;
};
