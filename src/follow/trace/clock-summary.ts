/** How far one-way delays can be trusted: they are differences of clocks. */
import type { ClockState } from "./recording/session.ts";
import type { NodeNames } from "./path-object.ts";
import type { TraceStatistics } from "./statistics.ts";

export interface ClockSummary {
  /** How far a delay between two nodes may be off: 0 where one clock stamps them all, null when nobody knows. */
  readonly errorNs: number | null;
  /** Of the sink's machine: whether NTP or PTP keeps its clock, and how far off it then is by its own estimate. */
  readonly synchronised: boolean | null;
  readonly estimatedErrorNs: number | null;
  readonly maximumErrorNs: number | null;
  /** The largest jump of that clock meanwhile: delays of packets under way then are wrong by it. */
  readonly steppedNs: number;
}

/**
 * `sharedBy` are nodes that are known to have one clock: those of a lab. One node that is not among them has a clock of
 * its own, of which nothing is known here.
 */
export const clockSummary = (
  statistics: TraceStatistics,
  clock: ClockState | null,
  sharedBy: NodeNames | null,
): ClockSummary => {
  const shared =
    sharedBy !== null && statistics.nodes.every(({ nodeId }) => nodeId !== null && sharedBy.has(Number(nodeId)));
  const discipline = clock?.discipline ?? null;
  return {
    errorNs: shared ? 0 : null,
    synchronised: discipline?.synchronised ?? null,
    estimatedErrorNs: discipline?.synchronised === true ? discipline.estimatedErrorNs : null,
    maximumErrorNs: discipline?.synchronised === true ? discipline.maximumErrorNs : null,
    steppedNs: clock?.steppedNs ?? 0,
  };
};
