/**
 * Live intervals: when a virtual register holds a value that will be read. A list of half-open ranges of positions
 * with holes between; split, it becomes several intervals that live in different places.
 */
import type { Virtual } from "./machine.ts";

/** Where an interval lives: a register number, or memory (for a rebuilt value: nowhere). */
export const MEMORY = -1;
export const UNASSIGNED = -2;

/** How an instruction uses a value: in a register, or copied from wherever it is. */
export const USE_ANYWHERE = 0;
export const USE_IN_REGISTER = 1;

export const NEVER = 0x7fffffff;

export class Interval {
  readonly virtual: Virtual;
  /** Ascending, disjoint. */
  starts: number[] = [];
  ends: number[] = [];
  /** Ascending positions of reads and writes, and what each needs. */
  uses: number[] = [];
  needs: number[] = [];
  location = UNASSIGNED;

  constructor(virtual: Virtual) {
    this.virtual = virtual;
  }

  get start(): number {
    return this.starts[0]!;
  }

  get end(): number {
    return this.ends[this.ends.length - 1]!;
  }

  covers(position: number): boolean {
    const range = firstAbove(this.ends, position);
    return range < this.starts.length && this.starts[range]! <= position;
  }

  /** The first use at or after `position`, or {@link NEVER}. */
  nextUse(position: number): number {
    return this.uses[firstAbove(this.uses, position - 1)] ?? NEVER;
  }

  /** The first use at or after `position` that needs a register. */
  nextRegisterUse(position: number): number {
    for (let i = firstAbove(this.uses, position - 1); i < this.uses.length; i++) {
      if (this.needs[i] === USE_IN_REGISTER) return this.uses[i]!;
    }
    return NEVER;
  }

  /** The last use before `position`, or -1. */
  lastUseBefore(position: number): number {
    return this.uses[firstAbove(this.uses, position - 1) - 1] ?? -1;
  }

  /** Cuts everything from `position` on off into a new interval; `start < position < end`. */
  splitAt(position: number): Interval {
    const child = new Interval(this.virtual);
    const range = firstAbove(this.ends, position);
    child.starts = this.starts.splice(range);
    child.ends = this.ends.splice(range);
    if (child.starts[0]! < position) {
      this.starts.push(child.starts[0]!);
      this.ends.push(position);
      child.starts[0] = position;
    }
    const use = firstAbove(this.uses, position - 1);
    child.uses = this.uses.splice(use);
    child.needs = this.needs.splice(use);
    return child;
  }
}

/** Index of the first element of an ascending list that is greater than `value`. */
export const firstAbove = (list: readonly number[], value: number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
};
