/** Counts over time in at most 128 equal steps, which double when time runs out of them. */
const STEPS = 128;

/** Columns of counts, one place a step of time. */
export interface Steps {
  readonly received: Float64Array;
  /** Numbers that were skipped, less those that came after all, in the step in which that was seen. */
  readonly lost: Float64Array;
  readonly delayCounts: Float64Array;
  readonly delaySums: Float64Array;
  /** The place of a time; -1 when it has none any more. */
  at(timeNs: number): number;
}

export class Timeline implements Steps {
  readonly received = new Float64Array(STEPS);
  readonly lost = new Float64Array(STEPS);
  readonly delayCounts = new Float64Array(STEPS);
  readonly delaySums = new Float64Array(STEPS);
  stepNs: number;
  #start = NaN;
  #steps = 0;

  constructor(stepNs = 1e6) {
    this.stepNs = stepNs;
  }

  /** Steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The step of a time. */
  at(timeNs: number): number {
    if (Number.isNaN(this.#start)) this.#start = timeNs;
    let step = Math.max(0, Math.floor((timeNs - this.#start) / this.stepNs));
    while (step >= STEPS) {
      this.#halve();
      step = Math.floor((timeNs - this.#start) / this.stepNs);
    }
    if (step >= this.#steps) this.#steps = step + 1;
    return step;
  }

  #halve(): void {
    for (const column of [this.received, this.lost, this.delayCounts, this.delaySums]) {
      for (let at = 0; at < STEPS / 2; at++) column[at] = column[at * 2]! + column[at * 2 + 1]!;
      column.fill(0, STEPS / 2);
    }
    this.stepNs *= 2;
    this.#steps = Math.ceil(this.#steps / 2);
  }
}
