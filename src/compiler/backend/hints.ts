/**
 * Which registers would save a move: the other side of a phi or of a two-address operation, the argument register of a
 * call. A graph over virtual registers, searched a few steps deep when a register is chosen.
 */
import { type Instruction, type MachineFunction, type Operand, Virtual } from "./machine.ts";
import { REGISTERS } from "./opcodes.ts";

interface Hint {
  /** The value to share a register with; null when `register` says which one. */
  readonly other: Virtual | null;
  readonly register: number;
  /** Runs of the move that it would save. */
  readonly weight: number;
}

const collectHints = (fn: MachineFunction): readonly (readonly Hint[])[] => {
  const hints: Hint[][] = fn.virtuals.map(() => []);
  const same = (a: Virtual | null, b: Operand | null, weight: number): void => {
    if (!(b instanceof Virtual) || a === null || a === b) return;
    hints[a.id]!.push({ other: b, register: -1, weight });
    hints[b.id]!.push({ other: a, register: -1, weight });
  };
  const fixed = (operand: Operand | null, register: number, weight: number): void => {
    if (operand instanceof Virtual) hints[operand.id]!.push({ other: null, register, weight });
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
        instruction.args.forEach((arg, i) => fixed(arg, i + 1, weight));
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
    for (const phi of block.phis) {
      phi.args.forEach((arg, i) => same(phi.result, arg, block.predecessors[i]!.frequency));
    }
    for (const instruction of block.instructions) note(instruction, block.frequency);
  }
  return hints;
};

/** How many neighbours a search looks at, and how much each further step is worth. */
const SEARCH = 24;
const DECAY = 0.5;

/** What a search asks of the allocator. */
export interface Surroundings {
  /** The register of another value; negative while it has none. */
  readonly locationOf: (other: Virtual) => number;
  /** Registers that a value without one could have as well, for all its life: a mask with bit n for register n. */
  readonly freeFor: (other: Virtual) => number;
}

export class Hints {
  readonly #hints: readonly (readonly Hint[])[];
  /** Of the search at hand: values to look at, and what a hint of theirs is worth. */
  readonly #queue: Virtual[] = [];
  readonly #weights: number[] = [];
  /** By virtual register: the last search that met it. */
  readonly #metIn: Int32Array;
  #searches = 0;

  constructor(fn: MachineFunction) {
    this.#hints = collectHints(fn);
    this.#metIn = new Int32Array(fn.virtuals.length);
  }

  /** Sets `scores`, by register, to what having `virtual` there would save. */
  score(virtual: Virtual, { locationOf, freeFor }: Surroundings, scores: Float64Array): void {
    scores.fill(0, 0, REGISTERS);
    if (this.#hints[virtual.id]!.length === 0) return;
    this.#queue.length = this.#weights.length = 0;
    this.#searches++;
    this.#meet(virtual, 1);
    for (let at = 0; at < this.#queue.length && at < SEARCH; at++) {
      const list = this.#hints[this.#queue[at]!.id]!;
      const own = this.#weights[at]!;
      for (let i = 0; i < list.length && i < SEARCH; i++) {
        const { other, register, weight } = list[i]!;
        const worth = own * weight;
        if (other === null) {
          scores[register]! += worth;
          continue;
        }
        if (this.#metIn[other.id] === this.#searches) continue;
        const location = locationOf(other);
        if (location >= 0) {
          scores[location]! += worth;
          continue;
        }
        this.#meet(other, own * DECAY);
        const free = this.#queue.length <= AHEAD ? freeFor(other) : 0;
        if (free === 0) continue;
        for (let each = 0; each < REGISTERS; each++) if ((free & (1 << each)) !== 0) scores[each]! += worth * DECAY;
      }
    }
  }

  #meet(virtual: Virtual, weight: number): void {
    this.#metIn[virtual.id] = this.#searches;
    this.#queue.push(virtual);
    this.#weights.push(weight);
  }
}

/** For how many values without a register a search asks which ones they could have. */
const AHEAD = 4;
