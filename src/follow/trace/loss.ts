/**
 * What was sent with a trace, and what arrived. A trace has no sequence number: what was lost is what the encapsulating
 * node counted less what the sink counted. Counted are packets as they are on the wire: a packet that is whole at the
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
}

export interface Loss {
  /** Packets on the wire. Null when the encapsulating node is out of reach. */
  readonly sent: number | null;
  readonly received: number;
  /** Null as `sent`. Packets still under way count as lost: at the end, let them arrive first. */
  readonly lost: number | null;
  /** Packets that did not go the ordinary way, by role and reason (`encap.tooBig`); only those that are there. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What happened between two readings of the same counters. Read the encapsulating ones first: then nothing seems to arrive that was not sent, but while packets are under way. */
export const lossBetween = (before: Counted, after: Counted): Loss => {
  const encap = addUp(after.encap, before.encap);
  const transit = addUp(after.transit, before.transit);
  const sink = addUp([after.sink], [before.sink]);
  const sent = after.encap.length === 0 ? null : (encap.get("segments") ?? 0);
  const received = sink.get("segments") ?? 0;
  const reasons = [...reasonsOf("encap", encap), ...reasonsOf("transit", transit), ...reasonsOf("sink", sink)];
  return {
    sent,
    received,
    lost: sent === null ? null : Math.max(0, sent - received),
    reasons: Object.fromEntries(reasons),
  };
};

/** What becomes of a packet when all is well. */
const ordinary = new Set(["sent", "segments", "received", "filled", "kept", "decapsulated"]);

const reasonsOf = (role: string, counters: ReadonlyMap<string, number>): (readonly [string, number])[] =>
  [...counters]
    .filter(([name, value]) => value !== 0 && !ordinary.has(name))
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
