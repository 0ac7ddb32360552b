import { syscall } from "./ffi.ts";

/** The kernel's clock numbers (include/uapi/linux/time.h). */
const clocks = { realtime: 0, monotonic: 1, boottime: 7, tai: 11 } as const;

/**
 * `realtime` is UTC since 1970 and may be stepped; `tai` is the same without leap seconds; `monotonic` is never stepped and
 * stands still in suspend; `boottime` runs on. A BPF program has monotonic, boottime and tai.
 */
export type Clock = keyof typeof clocks;

/** Nanoseconds of a clock. */
export function readClock(clock: Clock): bigint {
  const time = new BigInt64Array(2);
  syscall("clock_gettime", clock, clocks[clock], time);
  return (time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n);
}

export interface ClockOffset {
  /** Add it to a time of `from` to have the time of `to`. */
  readonly offsetNs: bigint;
  /** The offset was within this distance of the stated one while it was measured; 0: exact. */
  readonly uncertaintyNs: bigint;
  /** When it was measured, by the monotonic clock. */
  readonly measuredAtNs: bigint;
}

/**
 * How far two clocks are apart now. Reads `to` between two readings of `from`, several times, and keeps the closest.
 * TAI and REALTIME differ by whole seconds, by definition: that offset is exact. One that a clock step falls into, or a
 * step afterwards, makes the offset wrong by the step: measure again and compare.
 */
export function clockOffset(from: Clock, to: Clock): ClockOffset {
  let best: ClockOffset | undefined;
  for (let round = 0; round < 16; round++) {
    const before = readClock(from);
    const there = readClock(to);
    const after = readClock(from);
    const window = after - before;
    if (best === undefined || window < 2n * best.uncertaintyNs) {
      const offsetNs = there - (before + window / 2n);
      best = { offsetNs, uncertaintyNs: (window + 1n) / 2n, measuredAtNs: readClock("monotonic") };
    }
  }
  if (best === undefined) throw new RangeError("no round measured");
  const wholeSeconds = (from === "tai" && to === "realtime") || (from === "realtime" && to === "tai");
  return wholeSeconds ? { ...best, offsetNs: toWholeSeconds(best.offsetNs), uncertaintyNs: 0n } : best;
}

function toWholeSeconds(offsetNs: bigint): bigint {
  const half = offsetNs < 0n ? -500_000_000n : 500_000_000n;
  return ((offsetNs + half) / 1_000_000_000n) * 1_000_000_000n;
}
