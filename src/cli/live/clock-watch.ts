/** Looks at the wall clock from time to time: how it is kept, and whether it jumped. */
import type { ClockState } from "../../follow/trace/recording/session.ts";
import { clockDiscipline } from "../../linux/clock-discipline.ts";
import { clockOffset, readClock } from "../../linux/clock.ts";

/** As fast as a daemon may let the clock run towards the right time (adjtimex(2)), and what measuring takes. */
const SLEW = 500e-6;
const MEASURING_NS = 1e6;

export class ClockWatch {
  readonly #taiOffset: () => bigint;
  #last: { readonly offsetNs: bigint; readonly atNs: bigint } | undefined;
  #steppedNs = 0;

  /** `taiOffset` measures TAI less the wall clock, ns. */
  constructor(taiOffset: () => bigint) {
    this.#taiOffset = taiOffset;
  }

  look(): ClockState {
    const { offsetNs, measuredAtNs: atNs } = clockOffset("monotonic", "realtime");
    if (this.#last !== undefined) {
      const moved = Math.abs(Number(offsetNs - this.#last.offsetNs));
      const slewed = Number(atNs - this.#last.atNs) * SLEW + MEASURING_NS;
      if (moved > slewed) this.#steppedNs = Math.max(this.#steppedNs, moved);
    }
    this.#last = { offsetNs, atNs };
    return {
      taiOffsetNs: this.#taiOffset(),
      measuredNs: readClock("realtime"),
      discipline: clockDiscipline(),
      steppedNs: this.#steppedNs,
    };
  }
}
