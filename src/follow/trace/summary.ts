/** What a session of following comes to. */
import { clockSummary, type ClockSummary } from "./clock-summary.ts";
import type { EdgeToEdge, Exports, Loss } from "./loss.ts";
import { nodeLabel } from "./node-label.ts";
import type { NodeNames } from "./path-object.ts";
import {
  flowSummary,
  moveSummary,
  nodeSummary,
  pathSummaries,
  percentiles,
  type FlowSummary,
  type MoveSummary,
  type NodeSummary,
  type PathSummary,
} from "./path-summary.ts";
import type { ClockState } from "./recording/session.ts";
import type { LinkStatistics, TraceStatistics } from "./statistics.ts";

export interface LinkSummary {
  /** Name or id; null when the trace does not say. */
  readonly from: string | null;
  readonly to: string | null;
  readonly packets: number;
  /** Null when no packet had both timestamps. */
  readonly delayP50Ns: number | null;
  readonly delayP99Ns: number | null;
  readonly delayP90Ns: number | null;
  /** Packets that seem to have arrived before they left; they are in no percentile. */
  readonly negative: number;
  /** The most negative delay, or 0. */
  readonly worstNegativeNs: number;
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
  /** Those that most packets took. */
  readonly paths: readonly PathSummary[];
  readonly nodes: readonly NodeSummary[];
  /** Those with the most packets. */
  readonly flows: readonly FlowSummary[];
  /** Flows that took another path. */
  readonly moves: readonly MoveSummary[];
  readonly clock: ClockSummary;
  /** Of numbered packets; null when the sink does not count numbers. */
  readonly edgeToEdge: EdgeToEdge | null;
  /** Of packets on which nodes reported (Direct Export); null when no reports are read. */
  readonly exports: Exports | null;
}

export interface SummaryContext {
  readonly seconds: number;
  readonly transit: string | null;
  readonly names: NodeNames;
  readonly clock: ClockState | null;
  /** Whether the nodes that have names are known to have one clock. */
  readonly sharedClock: boolean;
}

/** Paths and flows that a summary lists; of more, those with the most packets. */
const LISTED = 100;

/** Puts the parts together; `statistics` adds its own reasons to those of the counters. */
export const summarise = (
  statistics: TraceStatistics,
  loss: Loss,
  { seconds, transit, names, clock, sharedClock }: SummaryContext,
): Summary => ({
  type: "summary",
  seconds,
  sent: loss.sent,
  received: loss.received,
  lost: loss.lost,
  links: statistics.links.map((link) => linkSummary(link, names)),
  transit,
  reasons: { ...loss.reasons, ...reasonsOf(statistics) },
  paths: pathSummaries(statistics.paths, names, LISTED),
  nodes: statistics.nodes.map((node) => nodeSummary(node, names)),
  flows: statistics.flows.busiest(LISTED).map(flowSummary),
  moves: [...statistics.flows.moves.ended, ...statistics.flows.moves.open].map((move) =>
    moveSummary(move, statistics.paths, names),
  ),
  clock: clockSummary(statistics, clock, sharedClock ? names : null),
  edgeToEdge: loss.edgeToEdge,
  exports: loss.exports,
});

const linkSummary = (
  { from, to, packets, delaysUs, negative, worstNegativeUs }: LinkStatistics,
  names: NodeNames,
): LinkSummary => {
  const { p50, p90, p99 } = percentiles(delaysUs, 1000);
  return {
    from: nodeLabel(from.nodeId, names),
    to: nodeLabel(to.nodeId, names),
    packets,
    delayP50Ns: p50,
    delayP99Ns: p99,
    delayP90Ns: p90,
    negative,
    worstNegativeNs: worstNegativeUs * 1000,
  };
};

/** What the traces themselves show to be wrong. */
const reasonsOf = (statistics: TraceStatistics): Record<string, number> => {
  const sum = (count: (link: LinkStatistics) => number): number =>
    statistics.links.reduce((total, link) => total + count(link), 0);
  const reasons = {
    "trace.overflowed": statistics.overflowed,
    "trace.loopbackIgnored": statistics.loopback,
    "trace.activeIgnored": statistics.active,
    "trace.malformed": statistics.malformed,
    "trace.pathsBeyondLimit": statistics.pathsBeyondLimit,
    "trace.negativeDelay": sum((link) => link.negative),
    "trace.withoutTimestamp": sum((link) => link.unknown),
    "trace.transitOverflow": statistics.nodes.reduce((total, node) => total + node.transitOverflows, 0),
    "trace.flowsForgotten": statistics.flows.evicted,
    "trace.moves": statistics.flows.moves.total,
  };
  return Object.fromEntries(Object.entries(reasons).filter(([, value]) => value !== 0));
};
