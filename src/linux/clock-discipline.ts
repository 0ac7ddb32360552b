/** How well a daemon keeps this machine's clock: adjtimex(2), include/uapi/linux/timex.h. */
import { syscall } from "./ffi.ts";

export interface ClockDiscipline {
  /** Whether NTP or PTP keeps the clock; without that its errors are nobody's estimate. */
  readonly synchronised: boolean;
  readonly estimatedErrorNs: number;
  /** Grows by 500 ns/ms until the daemon sets it again. */
  readonly maximumErrorNs: number;
}

const CLOCK_REALTIME = 0;
const STA_UNSYNC = 0x40;
/** struct timex, 64-bit: modes (0: read only), offset, frequency, then these. */
const TIMEX_BYTES = 208;
const MAXERROR_AT = 24;
const ESTERROR_AT = 32;
const STATUS_AT = 40;

/** Of the wall clock of this machine; the same in all namespaces. */
export const clockDiscipline = (): ClockDiscipline => {
  const timex = new DataView(new ArrayBuffer(TIMEX_BYTES));
  syscall("clock_adjtime", "the wall clock", CLOCK_REALTIME, timex);
  const microseconds = (at: number): number => Number(timex.getBigInt64(at, true)) * 1000;
  return {
    synchronised: (timex.getInt32(STATUS_AT, true) & STA_UNSYNC) === 0,
    estimatedErrorNs: microseconds(ESTERROR_AT),
    maximumErrorNs: microseconds(MAXERROR_AT),
  };
};
