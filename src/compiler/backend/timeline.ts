/** When one register is taken, and by which interval: disjoint ranges in ascending order. */
import { firstAbove, type Interval, NEVER } from "./interval.ts";

export class Timeline {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #owners: (Interval | null)[] = [];

  get isEmpty(): boolean {
    return this.#starts.length === 0;
  }

  /** A range that no interval owns, after all others. */
  append(from: number, to: number): void {
    this.#starts.push(from);
    this.#ends.push(to);
    this.#owners.push(null);
  }

  /** The first position at which the register is taken while the interval lives. */
  firstConflict(interval: Interval): number {
    const { starts, ends } = interval;
    // Most of what is asked about is later than all of it.
    if (this.#ends.length === 0 || this.#ends.at(-1)! <= starts[0]!) return NEVER;
    let at = firstAbove(this.#ends, starts[0]!);
    for (let i = 0; i < starts.length && at < this.#starts.length; i++) {
      if (this.#ends[at]! <= starts[i]!) at = firstAbove(this.#ends, starts[i]!);
      if (at < this.#starts.length && this.#starts[at]! < ends[i]!) return Math.max(this.#starts[at]!, starts[i]!);
    }
    return NEVER;
  }

  /** Intervals that live while this one does, each once, earliest first. */
  conflicts(interval: Interval): Interval[] {
    const found = new Set<Interval>();
    const { starts, ends } = interval;
    let at = firstAbove(this.#ends, starts[0]!);
    for (let i = 0; i < starts.length && at < this.#starts.length; i++) {
      if (this.#ends[at]! <= starts[i]!) at = firstAbove(this.#ends, starts[i]!);
      for (let k = at; k < this.#starts.length && this.#starts[k]! < ends[i]!; k++) {
        const owner = this.#owners[k]!;
        if (owner !== null) found.add(owner);
      }
    }
    return [...found];
  }

  /** Whether anything holds the register at `position`. */
  isTaken(position: number): boolean {
    const at = firstAbove(this.#ends, position);
    return at < this.#starts.length && this.#starts[at]! <= position;
  }

  /** Takes the register for an interval that conflicts with nothing here. */
  add(interval: Interval): void {
    for (let i = 0; i < interval.starts.length; i++) {
      if (this.#starts.length === 0 || this.#starts.at(-1)! <= interval.starts[i]!) {
        this.#starts.push(interval.starts[i]!);
        this.#ends.push(interval.ends[i]!);
        this.#owners.push(interval);
        continue;
      }
      const at = firstAbove(this.#starts, interval.starts[i]!);
      this.#starts.splice(at, 0, interval.starts[i]!);
      this.#ends.splice(at, 0, interval.ends[i]!);
      this.#owners.splice(at, 0, interval);
    }
  }

  remove(interval: Interval): void {
    for (const start of interval.starts) {
      const at = firstAbove(this.#starts, start) - 1;
      this.#starts.splice(at, 1);
      this.#ends.splice(at, 1);
      this.#owners.splice(at, 1);
    }
  }
}
