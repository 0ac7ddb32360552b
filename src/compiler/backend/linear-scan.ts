/**
 * Gives every live interval a register or memory, splitting intervals where that pays: linear scan on SSA form with
 * lifetime holes (Wimmer and Franz, "Linear Scan Register Allocation on SSA Form", CGO 2010). Intervals are taken in
 * the order in which they start; where registers run out, the value whose next use is farthest away gives way, and it
 * gives way before a loop rather than inside it.
 */
import { HopmarkError } from "../../errors.ts";
import type { Intervals } from "./build-intervals.ts";
import { comparedValues } from "./compared-values.ts";
import { Hints, type Surroundings } from "./hints.ts";
import { firstAbove, type Interval, MEMORY, NEVER, UNASSIGNED, USE_ANYWHERE } from "./interval.ts";
import type { MachineBlock, MachineFunction, MachineLoop, Virtual } from "./machine.ts";
import { REGISTERS } from "./opcodes.ts";
import { StartQueue } from "./start-queue.ts";
import { Timeline } from "./timeline.ts";

export interface Allocation {
  /** By virtual register: its intervals, split or whole, in ascending order. */
  readonly pieces: readonly Interval[][];
  /** By register: when it is taken. */
  readonly timelines: readonly Timeline[];
}

export const linearScan = (fn: MachineFunction, intervals: Intervals): Allocation =>
  new LinearScan(fn, intervals).run();

/** With nothing to choose by: what calls destroy first, arguments last of these; r6 to r9 cost a save each. */
const PREFERENCE = [0, 5, 4, 3, 2, 1, 6, 7, 8, 9];

class LinearScan {
  readonly #intervals: Intervals;
  readonly #hints: Hints;
  readonly #timelines = Array.from({ length: REGISTERS }, () => new Timeline());
  readonly #pieces: Interval[][];
  readonly #queue = new StartQueue();
  readonly #surroundings: Surroundings;
  /** By virtual register: where its last piece is. */
  readonly #locations: Int32Array;
  /** By virtual register: {@link #freeFor} by instructions alone, once it has been asked for. */
  readonly #fixedFreeFor: number[] = [];
  readonly #compared: ReadonlyMap<Virtual, unknown>;
  #current: Interval | null = null;
  /** Of the interval at hand, by register: until when instructions, and instructions or other values, leave it free. */
  readonly #fixedFree = new Int32Array(REGISTERS);
  readonly #free = new Int32Array(REGISTERS);
  readonly #scores = new Float64Array(REGISTERS);

  constructor(fn: MachineFunction, intervals: Intervals) {
    this.#intervals = intervals;
    this.#hints = new Hints(fn);
    this.#compared = comparedValues(fn);
    this.#pieces = fn.virtuals.map(() => []);
    this.#locations = new Int32Array(fn.virtuals.length).fill(UNASSIGNED);
    this.#surroundings = { locations: this.#locations, freeFor: (virtual) => this.#freeFor(virtual) };
  }

  run(): Allocation {
    for (const interval of this.#intervals.intervals) if (interval.starts.length > 0) this.#queue.push(interval);
    for (let interval = this.#queue.pop(); interval !== undefined; interval = this.#queue.pop())
      this.#allocate(interval);
    return { pieces: this.#pieces, timelines: this.#timelines };
  }

  #allocate(current: Interval): void {
    for (let register = 0; register < REGISTERS; register++) {
      const fixed = this.#intervals.fixed[register]!.firstConflict(current);
      this.#fixedFree[register] = fixed;
      this.#free[register] = Math.min(fixed, this.#timelines[register]!.firstConflict(current));
    }
    this.#current = current;
    this.#hints.score(current.virtual.id, this.#surroundings, this.#scores);
    const whole = this.#bestFree(current.end);
    if (whole >= 0) return this.#assign(current, whole);

    const { start } = current;
    const first = current.nextUse(start);
    const partial = this.#longestFree(Math.max(first, start) + 1);
    if (partial >= 0) {
      const until = this.#free[partial]!;
      if (this.#isIdle(current, until)) return this.#toMemory(current, start);
      // If the value will win a register anyway where this one ends, it takes that register now, without a move.
      const victim = this.#farthest(current, current.end);
      if (victim.register >= 0 && victim.nextUse > current.nextUse(until)) return this.#evict(current, victim.register);
      this.#queue.push(current.splitAt(this.#leavePosition(current, until)));
      return this.#assign(current, partial);
    }
    const victim = this.#farthest(current, Math.max(first, start) + 1);
    if (victim.register >= 0 && victim.nextUse > first) return this.#evict(current, victim.register);
    this.#toMemory(current, start);
  }

  /**
   * Whether a phi, or what a call returns, would be in a register up to `until` without being read there: it starts in
   * memory then, and a phi in the slot of its arguments if they have one. What is compared must not: before Linux 6.9 the
   * verifier takes a number that is read twice from its slot for two.
   */
  #isIdle({ virtual, start, uses, needs }: Interval, until: number): boolean {
    const [first] = this.#pieces[virtual.id]!;
    const isDefined = (first === undefined || first.start === start) && uses[0] === start && needs[0] === USE_ANYWHERE;
    if (!isDefined || virtual.rebuild !== null || this.#compared.has(virtual)) return false;
    return (uses[1] ?? NEVER) >= until;
  }

  /** Registers that a value which starts where the one at hand ends could take over from it. */
  #freeFor(virtual: number): number {
    const interval = this.#intervals.intervals[virtual]!;
    const { end } = this.#current!;
    if (interval.starts.length === 0 || interval.start < end) return 0;
    let mask = (this.#fixedFreeFor[virtual] ??= this.#withoutFixed(interval));
    for (let register = 0; register < REGISTERS; register++) {
      const bit = 1 << register;
      if ((mask & bit) === 0) continue;
      if (this.#free[register]! < end || this.#timelines[register]!.firstConflict(interval) !== NEVER) mask &= ~bit;
    }
    return mask;
  }

  #withoutFixed(interval: Interval): number {
    let mask = 0;
    this.#intervals.fixed.forEach((timeline, register) => {
      if (timeline.firstConflict(interval) === NEVER) mask |= 1 << register;
    });
    return mask;
  }

  /** The register to have among those free up to `end`: the one that saves moves, else the one free for the shortest time. */
  #bestFree(end: number): number {
    let best = -1;
    for (const register of PREFERENCE) {
      if (this.#free[register]! < end) continue;
      if (best < 0 || this.#scores[register]! > this.#scores[best]!) best = register;
      else if (this.#scores[register]! === this.#scores[best]! && this.#free[register]! < this.#free[best]!)
        best = register;
    }
    return best;
  }

  #longestFree(atLeast: number): number {
    let best = -1;
    for (const register of PREFERENCE) {
      const free = this.#free[register]!;
      if (free < atLeast) continue;
      if (best < 0 || free > this.#free[best]!) best = register;
      else if (free === this.#free[best]! && this.#scores[register]! > this.#scores[best]!) best = register;
    }
    return best;
  }

  /** The register whose holders are not used for the longest time, among those that instructions leave free up to `end`. */
  #farthest(current: Interval, end: number): { register: number; nextUse: number } {
    let best = -1;
    let bestUse = -1;
    for (const register of PREFERENCE) {
      if (this.#fixedFree[register]! < end) continue;
      let nextUse = NEVER;
      for (const owner of this.#timelines[register]!.conflicts(current)) {
        nextUse = Math.min(nextUse, owner.nextUse(current.start));
      }
      if (nextUse > bestUse) {
        best = register;
        bestUse = nextUse;
      }
    }
    return { register: best, nextUse: bestUse };
  }

  /** Takes the register from its holders, as far as the interval lives. */
  #evict(current: Interval, register: number): void {
    const until = this.#fixedFree[register]!;
    if (until < current.end) this.#queue.push(current.splitAt(this.#leavePosition(current, until)));
    const timeline = this.#timelines[register]!;
    for (const owner of timeline.conflicts(current)) {
      timeline.remove(owner);
      this.#giveWay(owner, current.start);
      if (owner.location === register) timeline.add(owner);
    }
    this.#assign(current, register);
  }

  /** Splits a holder so that it leaves its register at `position` or, when it has a hole there, does not come back. */
  #giveWay(owner: Interval, position: number): void {
    if (owner.start >= position) {
      this.#takeBack(owner);
      owner.location = UNASSIGNED;
      this.#queue.push(owner);
      return;
    }
    if (!owner.covers(position)) {
      this.#queue.push(owner.splitAt(owner.starts[firstAbove(owner.starts, position)]!));
      return;
    }
    if (this.#isIdle(owner, position)) {
      this.#takeBack(owner);
      this.#toMemory(owner, position);
      return;
    }
    const at = this.#leavePosition(owner, position);
    const rest = owner.splitAt(at);
    // Before an instruction's result can be moved elsewhere its operands would be in the way: only memory is free for sure.
    if (at < position || at % 2 === 1) this.#toMemory(rest, position);
    else this.#queue.push(rest);
  }

  /** Leaves the interval in memory up to its next use in a register; the scan has come to `now`. */
  #toMemory(interval: Interval, now: number): void {
    const { start } = interval;
    const use = interval.nextRegisterUse(start);
    if (use <= start) throw new HopmarkError("internal", `no register is left for value v${interval.virtual.id}`);
    if (use !== NEVER) this.#queue.push(interval.splitAt(this.#returnPosition(Math.max(start + 1, now), use)));
    this.#place(interval, MEMORY);
  }

  #assign(interval: Interval, register: number): void {
    this.#timelines[register]!.add(interval);
    this.#place(interval, register);
  }

  #place(interval: Interval, location: number): void {
    const { id } = interval.virtual;
    interval.location = location;
    this.#pieces[id]!.push(interval);
    this.#locations[id] = location;
  }

  #takeBack({ virtual: { id } }: Interval): void {
    const list = this.#pieces[id]!;
    list.pop();
    this.#locations[id] = list.at(-1)?.location ?? UNASSIGNED;
  }

  /**
   * Where a value that must be out of its register by `limit` leaves it: after its last use before that, so that no way
   * to another use has to bring it along; but not in a loop that ends before the limit.
   */
  #leavePosition(interval: Interval, limit: number): number {
    const after = Math.max(interval.lastUseBefore(limit), interval.start) + 1;
    // Between an instruction's reads and its write nothing moves, but for calls, which the limit may be.
    let position = Math.min(after + (after & 1), limit);
    const block = this.#blockAt(limit);
    for (let { loop } = this.#blockAt(position); loop !== null && !isIn(block, loop); loop = loop.parent) {
      if (loop.last.to <= limit) position = loop.last.to;
    }
    return position;
  }

  /** Where a value comes back into a register: at its use, or before the loops around the use that it is out of till then. */
  #returnPosition(earliest: number, use: number): number {
    const from = this.#blockAt(earliest);
    let position = use;
    for (let { loop } = this.#blockAt(use); loop !== null && !isIn(from, loop); loop = loop.parent) {
      if (loop.header.from >= earliest) position = loop.header.from;
    }
    return position;
  }

  #blockAt(position: number): MachineBlock {
    return this.#intervals.blockAt[Math.min(position >> 1, this.#intervals.blockAt.length - 1)]!;
  }
}

const isIn = (block: MachineBlock, loop: MachineLoop): boolean =>
  block.from >= loop.header.from && block.from <= loop.last.from;
