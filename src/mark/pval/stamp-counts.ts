/** Times of handing over that came, and that did not. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { awaitingCopies, StampOutcome, stampCounters } from "./awaiting.ts";
import { awaitsHandover } from "./halves.ts";
import type { PvalNote } from "./note.ts";

export interface StampCounts {
  /** Copies with the time at which their packet was handed over to the driver. */
  readonly stamped: bigint;
  /** Copies whose packet never was, or not as that packet: dropped in a queue, cut up, sent elsewhere. */
  readonly missing: bigint;
  /** Copies that did not wait, because too many did. */
  readonly noRoom: bigint;
  /** Copies that wait now. */
  readonly waiting: bigint;
}

/** Null where copies do not wait. */
export const stampCounts = (pins: PinnedSet, note: PvalNote): StampCounts | null => {
  if (!awaitsHandover(note.options)) return null;
  const { snap } = note.options;
  const counters = pins.map("stamps", stampCounters);
  // In this order: what is handed over meanwhile is not taken for missing.
  const awaited = counters.sum(StampOutcome.Awaited)?.value ?? 0n;
  const waiting = BigInt([...pins.map(`awaiting-${snap}`, awaitingCopies(snap)).keys()].length);
  const stamped = counters.sum(StampOutcome.Stamped)?.value ?? 0n;
  const missing = awaited - stamped - waiting;
  const noRoom = counters.sum(StampOutcome.NoRoom)?.value ?? 0n;
  return { stamped, missing: missing < 0n ? 0n : missing, noRoom, waiting };
};
