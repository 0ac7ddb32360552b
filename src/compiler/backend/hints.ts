/**
 * Which registers would save a move: the other side of a phi or of a two-address operation, the argument register of a
 * call. A graph over virtual registers, searched a few steps deep when a register is chosen.
 */
import { type Instruction, type MachineFunction, type Operand, Virtual } from "./machine.ts";
import { REGISTERS } from "./opcodes.ts";

/** Of all virtual registers, as numbers in lists: objects for each would be a large part of what a long function allocates. */
class HintLists {
  /** By virtual register: its first and last hint, or -1. */
  readonly first: Int32Array;
  readonly #last: Int32Array;
  /** By hint: the next one of the same value, or -1. */
  readonly next: number[] = [];
  /** The value to share a register with, or {@link toRegister} of which one. */
  readonly target: number[] = [];
  /** Runs of the move that it would save. */
  readonly weight: number[] = [];

  constructor(virtuals: number) {
    this.first = new Int32Array(virtuals).fill(-1);
    this.#last = new Int32Array(virtuals).fill(-1);
  }

  add(virtual: number, target: number, weight: number): void {
    const hint = this.next.length;
    const last = this.#last[virtual]!;
    if (last === -1) this.first[virtual] = hint;
    else this.next[last] = hint;
    this.#last[virtual] = hint;
    this.next.push(-1);
    this.target.push(target);
    this.weight.push(weight);
  }
}

/** Registers as targets are negative; the same turns them back. */
const toRegister = (register: number): number => -1 - register;

const collectHints = (fn: MachineFunction): HintLists => {
  const hints = new HintLists(fn.virtuals.length);
  const same = (a: Virtual | null, b: Operand | null, weight: number): void => {
    if (!(b instanceof Virtual) || a === null || a === b) return;
    hints.add(a.id, b.id, weight);
    hints.add(b.id, a.id, weight);
  };
  const fixed = (operand: Operand | null, register: number, weight: number): void => {
    if (operand instanceof Virtual) hints.add(operand.id, toRegister(register), weight);
  };
  const note = (instruction: Instruction, weight: number): void => {
    switch (instruction.kind) {
      case "take":
        return fixed(instruction.result, instruction.register, weight);
      case "give":
        return fixed(instruction.left, instruction.register, weight);
      case "return":
        return fixed(instruction.left, 0, weight);
      case "call":
        for (let i = 0; i < instruction.args.length; i++) fixed(instruction.args[i]!, i + 1, weight);
        return;
      case "alu":
      case "fetch":
        same(instruction.result, instruction.left, weight);
        if (instruction.commutative) same(instruction.result, instruction.right, weight);
        return;
      default:
    }
  };
  for (const block of fn.blocks) {
    for (const { result, args } of block.phis) {
      for (let i = 0; i < args.length; i++) same(result, args[i]!, block.predecessors[i]!.frequency);
    }
    for (const instruction of block.instructions) note(instruction, block.frequency);
  }
  return hints;
};

/** How many neighbours a search looks at, and how much each further step is worth. */
const SEARCH = 24;
const DECAY = 0.5;

/** What a search asks of the allocator; values by their numbers. */
export interface Surroundings {
  /** By virtual register: its register; negative while it has none. */
  readonly locations: Int32Array;
  /** Registers that a value without one could have as well, for all its life: a mask with bit n for register n. */
  readonly freeFor: (other: number) => number;
}

export class Hints {
  readonly #hints: HintLists;
  /** Of the search at hand: values to look at, and what a hint of theirs is worth. */
  readonly #queue = new Int32Array(SEARCH);
  readonly #weights = new Float64Array(SEARCH);
  #queued = 0;
  /** By virtual register: the last search that met it. */
  readonly #metIn: Int32Array;
  #searches = 0;

  constructor(fn: MachineFunction) {
    this.#hints = collectHints(fn);
    this.#metIn = new Int32Array(fn.virtuals.length);
  }

  /** Sets `scores`, by register, to what having `virtual` there would save. */
  score(virtual: number, { locations, freeFor }: Surroundings, scores: Float64Array): void {
    scores.fill(0, 0, REGISTERS);
    const { first, next, target, weight } = this.#hints;
    if (first[virtual] === -1) return;
    this.#queued = 0;
    this.#searches++;
    this.#meet(virtual, 1);
    for (let at = 0; at < Math.min(this.#queued, SEARCH); at++) {
      const own = this.#weights[at]!;
      for (let hint = first[this.#queue[at]!]!, i = 0; hint !== -1 && i < SEARCH; hint = next[hint]!, i++) {
        const worth = own * weight[hint]!;
        const other = target[hint]!;
        if (other < 0) {
          scores[toRegister(other)]! += worth;
          continue;
        }
        if (this.#metIn[other] === this.#searches) continue;
        const location = locations[other]!;
        if (location >= 0) {
          scores[location]! += worth;
          continue;
        }
        this.#meet(other, own * DECAY);
        const free = this.#queued <= AHEAD ? freeFor(other) : 0;
        if (free === 0) continue;
        for (let each = 0; each < REGISTERS; each++) if ((free & (1 << each)) !== 0) scores[each]! += worth * DECAY;
      }
    }
  }

  #meet(virtual: number, weight: number): void {
    this.#metIn[virtual] = this.#searches;
    // What comes later than a search looks is only counted.
    if (this.#queued < SEARCH) {
      this.#queue[this.#queued] = virtual;
      this.#weights[this.#queued] = weight;
    }
    this.#queued++;
  }
}

/** For how many values without a register a search asks which ones they could have. */
const AHEAD = 4;
