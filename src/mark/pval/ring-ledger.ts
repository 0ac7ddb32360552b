/**
 * How many records of a ring were read and thrown away, ever. The reader notes what will be true before it gives the ring's
 * bytes back to the kernel, beside what is true up to then; which of the two holds, the ring's position tells. So the numbers
 * are exact whenever a reader dies.
 */
import { struct, u64, type TypeOf } from "../../wire/layout.ts";

export const RingLedger = struct("pval_ledger", {
  /** Records read and thrown away before the ring's consumer came to `position`. */
  read: u64,
  discarded: u64,
  /** From there on. */
  nextRead: u64,
  nextDiscarded: u64,
  /** Bytes that were ever read. */
  position: u64,
});

type Ledger = TypeOf<typeof RingLedger>;

export interface RingCounts {
  readonly read: bigint;
  readonly discarded: bigint;
}

/** `position`: where the ring's consumer is. */
export const countsAt = (ledger: Ledger | undefined, position: bigint): RingCounts => {
  if (ledger === undefined) return { read: 0n, discarded: 0n };
  return position === ledger.position
    ? { read: ledger.nextRead, discarded: ledger.nextDiscarded }
    : { read: ledger.read, discarded: ledger.discarded };
};

/** What to note before the consumer goes on to `position`. */
export const ledgerFor = (now: RingCounts, next: RingCounts, position: bigint): Ledger => ({
  ...now,
  nextRead: next.read,
  nextDiscarded: next.discarded,
  position,
});
