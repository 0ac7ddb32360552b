/** Paths, nodes and flows as the summary has them. */
import type { Flow } from "./flow-statistics.ts";
import type { Histogram } from "./histogram.ts";
import { nodeLabel } from "./node-label.ts";
import type { NodeNames } from "./path-object.ts";
import type { PathMove } from "./path-moves.ts";
import type { NodeStatistics, PathStatistics } from "./statistics.ts";

/** Null when no packet had the value. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export interface HopSummary {
  /** Name or id; null when the trace does not say. */
  readonly node: string | null;
  readonly ingressId: number | null;
  readonly egressId: number | null;
}

export interface PathSummary {
  /** What flows and moves name it by: the first path that was seen is 0. */
  readonly path: number;
  readonly namespaceId: number;
  readonly hops: readonly HopSummary[];
  readonly packets: number;
  readonly segments: number;
  /** Packets whose time decreases somewhere on the way. */
  readonly backwards: number;
  /** From the first node's timestamp to the last one's. */
  readonly delayNs: Percentiles;
}

export interface NodeSummary {
  readonly node: string | null;
  readonly packets: number;
  readonly transitDelayNs: Percentiles;
  /** Linux: bytes. */
  readonly queueDepth: Percentiles;
}

export interface FlowSummary extends Omit<Flow, "delayUs"> {
  /** From the first node's timestamp to the last one's. */
  readonly delayNs: { readonly min: number; readonly mean: number; readonly max: number } | null;
}

export interface MoveSummary {
  readonly type: "move";
  /** Of the first packet on the new path and of the last flow's first packet there. Nanoseconds since 1970. */
  readonly timeNs: string;
  readonly lastNs: string;
  readonly from: { readonly path: number; readonly nodes: readonly (string | null)[] };
  readonly to: { readonly path: number; readonly nodes: readonly (string | null)[] };
  /** How many flows moved; `moves` is more when some came back and moved again. */
  readonly flows: number;
  readonly moves: number;
}

export const percentiles = (values: Histogram, scale: number): Percentiles => {
  const scaled = (share: number): number | null => {
    const value = values.quantile(share);
    return value === null ? null : value * scale;
  };
  return { p50: scaled(0.5), p90: scaled(0.9), p99: scaled(0.99) };
};

/** The paths with the most packets first, at most `limit`. */
export const pathSummaries = (paths: readonly PathStatistics[], names: NodeNames, limit: number): PathSummary[] =>
  paths
    .toSorted((one, other) => other.packets - one.packets || one.index - other.index)
    .slice(0, limit)
    .map(({ index, namespaceId, hops, packets, segments, backwards, delaysUs }) => ({
      path: index,
      namespaceId,
      hops: hops.map(({ nodeId, ingressId, egressId }) => ({ node: nodeLabel(nodeId, names), ingressId, egressId })),
      packets,
      segments,
      backwards,
      delayNs: percentiles(delaysUs, 1000),
    }));

export const nodeSummary = (
  { nodeId, packets, transitDelaysNs, queueDepths }: NodeStatistics,
  names: NodeNames,
): NodeSummary => ({
  node: nodeLabel(nodeId, names),
  packets,
  transitDelayNs: percentiles(transitDelaysNs, 1),
  queueDepth: percentiles(queueDepths, 1),
});

export const flowSummary = ({ delayUs, ...flow }: Flow): FlowSummary => ({
  ...flow,
  delayNs:
    delayUs === null
      ? null
      : { min: delayUs.min * 1000, mean: Math.round(delayUs.mean * 1000), max: delayUs.max * 1000 },
});

export const moveSummary = (
  { timeUs, lastUs, from, to, flows, moves }: PathMove,
  paths: readonly PathStatistics[],
  names: NodeNames,
): MoveSummary => {
  const end = (path: number) => ({
    path,
    nodes: (paths[path]?.hops ?? []).map(({ nodeId }) => nodeLabel(nodeId, names)),
  });
  return {
    type: "move",
    timeNs: `${timeUs}000`,
    lastNs: `${lastUs}000`,
    from: end(from),
    to: end(to),
    flows,
    moves,
  };
};
