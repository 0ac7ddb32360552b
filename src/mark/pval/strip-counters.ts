/** What stripping counts, per CPU. */
import { counters } from "../feature/counters.ts";

/** What became of a packet where marks are taken off: each is counted under exactly one of these. */
export const StripOutcome = {
  Stripped: 0,
  /** There was none. */
  NotMarked: 1,
  /** The kernel did not close the room: the mark stays. */
  NotStripped: 2,
} as const;

export const stripOutcomeNames: readonly string[] = ["stripped", "notMarked", "notStripped"];

export const stripCounters = counters("pval_strip", stripOutcomeNames.length);
