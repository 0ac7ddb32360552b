/** The last two minutes, in steps of half a second: what a live picture shows. */
import type { Steps } from "./timeline.ts";

const STEPS = 240;
const STEP_NS = 500_000_000;

export class RecentSteps implements Steps {
  readonly stepNs = STEP_NS;
  readonly received = new Float64Array(STEPS);
  readonly lost = new Float64Array(STEPS);
  readonly delayCounts = new Float64Array(STEPS);
  readonly delaySums = new Float64Array(STEPS);
  #newest = -1;
  #first = -1;

  /** The place of a time in the columns; -1 when it is longer ago. */
  at(timeNs: number): number {
    const step = Math.max(0, Math.floor(timeNs / STEP_NS));
    if (this.#newest < 0) this.#newest = this.#first = step;
    this.advance(timeNs);
    return step > this.#newest - STEPS ? step % STEPS : -1;
  }

  /** It is that late now: steps in which nothing came are empty. */
  advance(timeNs: number): void {
    const step = Math.floor(timeNs / STEP_NS);
    if (this.#newest < 0 || step <= this.#newest) return;
    for (let next = Math.max(this.#newest + 1, step - STEPS + 1); next <= step; next++)
      for (const column of [this.received, this.lost, this.delayCounts, this.delaySums]) column[next % STEPS] = 0;
    this.#newest = step;
  }

  /** Places of the steps, oldest first. */
  places(): number[] {
    if (this.#newest < 0) return [];
    const oldest = Math.max(this.#first, this.#newest - STEPS + 1);
    return Array.from({ length: this.#newest - oldest + 1 }, (_, at) => (oldest + at) % STEPS);
  }
}
