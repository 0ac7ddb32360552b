/** What a session of following comes to. */
import type { NodeNames } from "./path-object.ts";
import type { Loss } from "./loss.ts";
import type { LinkStatistics, TraceStatistics } from "./statistics.ts";

export interface LinkSummary {
  /** Name or id; null when the trace does not say. */
  readonly from: string | null;
  readonly to: string | null;
  readonly packets: number;
  /** Null when no packet had both timestamps. */
  readonly delayP50Ns: number | null;
  readonly delayP99Ns: number | null;
}

export interface Summary {
  readonly type: "summary";
  readonly seconds: number;
  readonly sent: number | null;
  readonly received: number;
  readonly lost: number | null;
  readonly links: readonly LinkSummary[];
  /** Who fills in the traces on the way: `kernel`, `hopmark`, or null when that is not known. */
  readonly transit: string | null;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Puts the parts together; `statistics` adds its own reasons to those of the counters. */
export const summarise = (
  statistics: TraceStatistics,
  loss: Loss,
  { seconds, transit, names }: { readonly seconds: number; readonly transit: string | null; readonly names: NodeNames },
): Summary => ({
  type: "summary",
  seconds,
  sent: loss.sent,
  received: loss.received,
  lost: loss.lost,
  links: statistics.links.map((link) => linkSummary(link, names)),
  transit,
  reasons: { ...loss.reasons, ...reasonsOf(statistics) },
});

/** The name of a node, else its id, else null. */
export const nodeLabel = (nodeId: string | null, names: NodeNames): string | null =>
  nodeId === null ? null : (names.get(Number(nodeId)) ?? nodeId);

const linkSummary = ({ from, to, packets, delaysUs }: LinkStatistics, names: NodeNames): LinkSummary => ({
  from: nodeLabel(from.nodeId, names),
  to: nodeLabel(to.nodeId, names),
  packets,
  delayP50Ns: inNanoseconds(delaysUs.quantile(0.5)),
  delayP99Ns: inNanoseconds(delaysUs.quantile(0.99)),
});

const inNanoseconds = (microseconds: number | null): number | null =>
  microseconds === null ? null : microseconds * 1000;

/** What the traces themselves show to be wrong. */
const reasonsOf = (statistics: TraceStatistics): Record<string, number> => {
  const sum = (count: (link: LinkStatistics) => number): number =>
    statistics.links.reduce((total, link) => total + count(link), 0);
  const reasons = {
    "trace.overflowed": statistics.overflowed,
    "trace.malformed": statistics.malformed,
    "trace.pathsBeyondLimit": statistics.pathsBeyondLimit,
    "trace.negativeDelay": sum((link) => link.negative),
    "trace.withoutTimestamp": sum((link) => link.unknown),
    "trace.transitOverflow": statistics.nodes.reduce((total, node) => total + node.transitOverflows, 0),
  };
  return Object.fromEntries(Object.entries(reasons).filter(([, value]) => value !== 0));
};
