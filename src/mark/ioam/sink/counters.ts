/** What a sink counts, beside what every node does. */
import { counters } from "../../feature/counters.ts";
import { outcomeNames } from "../outcome.ts";

const ownNames = [
  /** Traces that ended here. */
  "received",
  /** The wire packets that those stand for. */
  "segments",
  /** Traces that ask for copies of their packet back to its source (RFC 9322): nobody sends them here. */
  "loopbackIgnored",
  /** Traces that say their packet is a measurement, not to be delivered (RFC 9322): it is. */
  "activeIgnored",
  /** Traces that found no room on their way to user space. */
  "ringFull",
  /** Packets that kept their trace because the kernel could not shorten them. */
  "notStripped",
  /** Packets that kept it because there are options beside it. */
  "otherOptionsKept",
  /** Packets that kept it because the sink was told so. */
  "kept",
  /** Packets whose outer IPv6 header went with the trace. */
  "decapsulated",
  /** Packets to one of this node's addresses that should hold an IPv6 packet, and do not: they go on as they came. */
  "innerMalformed",
  /** Packets out of a tunnel on which there was congestion, which they cannot tell (RFC 6040, section 4.2): dropped. */
  "congestionDropped",
  /** Numbered packets of more streams than are kept apart. */
  "e2eStreamsFull",
  /** Numbered packets that were too many at once for one word of their stream's window. */
  "e2eContended",
  /** Edge-to-Edge options without a sequence number, or with two: there is nothing to count. */
  "e2eWithoutSequence",
  /** Edge-to-Edge options that were not counted: the sink was not told to, or knows their namespace not. */
  "e2eNotCounted",
] as const;

type OwnName = (typeof ownNames)[number];

/** Where each counter stands: the sink's own follow those of every node. */
export const SinkCounter = Object.fromEntries(ownNames.map((name, at) => [name, outcomeNames.length + at])) as Readonly<
  Record<OwnName, number>
>;

export const sinkCounterNames: readonly string[] = [...outcomeNames, ...ownNames];

export const sinkCounters = counters("sink_count", sinkCounterNames.length);
