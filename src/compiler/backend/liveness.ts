/**
 * Which virtual registers live at the start of each block. Every use is followed upwards to its definition, so the work
 * is proportional to the answer, whatever the shape of the loops. The answer is long, hundreds of thousands of pairs in a large
 * function: it is kept as numbers, one behind the other.
 */
import { type MachineBlock, type MachineFunction, Virtual } from "./machine.ts";

export interface Liveness {
  /** Ids of virtual registers, block after block, ascending in each; without the block's own phis. */
  readonly live: Int32Array;
  /** By block id: where its part of {@link live} starts, and, one further, ends. */
  readonly liveFrom: Int32Array;
}

export const computeLiveness = (fn: MachineFunction): Liveness => new Search(fn).run();

const FEW = 1024;

class Search {
  readonly #fn: MachineFunction;
  /** By block id: the last virtual register found to live there. */
  readonly #marked: Int32Array;
  /** By virtual register: ids of blocks that read it on entry or later, and that pass it to a phi. */
  readonly #readIn: (number[] | undefined)[];
  readonly #passedOut: (number[] | undefined)[];
  /** Ids of predecessors, block after block, and by block id where its own start, and, one further, end. */
  readonly #predecessors: Int32Array;
  readonly #predecessorsFrom: Int32Array;
  /** Pairs in the order in which they were found: by virtual register. */
  #blocks: Int32Array = new Int32Array(FEW);
  #virtuals: Int32Array = new Int32Array(FEW);
  #found = 0;

  constructor(fn: MachineFunction) {
    this.#fn = fn;
    const blocks = fn.blocks.reduce((most, { id }) => Math.max(most, id), 0) + 1;
    this.#marked = new Int32Array(blocks).fill(-1);
    this.#predecessorsFrom = new Int32Array(blocks + 1);
    for (const { id, predecessors } of fn.blocks) this.#predecessorsFrom[id + 1] = predecessors.length;
    for (let id = 0; id < blocks; id++) this.#predecessorsFrom[id + 1]! += this.#predecessorsFrom[id]!;
    this.#predecessors = new Int32Array(this.#predecessorsFrom[blocks]!);
    for (const { id, predecessors } of fn.blocks) {
      for (let i = 0; i < predecessors.length; i++)
        this.#predecessors[this.#predecessorsFrom[id]! + i] = predecessors[i]!.id;
    }
    this.#readIn = fn.virtuals.map(() => undefined);
    this.#passedOut = fn.virtuals.map(() => undefined);
  }

  run(): Liveness {
    for (const block of this.#fn.blocks) this.#collect(block);
    const work: number[] = [];
    for (const { id, block } of this.#fn.virtuals) {
      for (const passing of this.#passedOut[id] ?? []) if (passing !== block.id) work.push(passing);
      for (const reading of this.#readIn[id] ?? []) work.push(reading);
      for (let at = work.pop(); at !== undefined; at = work.pop()) {
        if (this.#marked[at] === id) continue;
        this.#marked[at] = id;
        this.#note(at, id);
        const end = this.#predecessorsFrom[at + 1]!;
        for (let i = this.#predecessorsFrom[at]!; i < end; i++) {
          const before = this.#predecessors[i]!;
          if (before !== block.id && this.#marked[before] !== id) work.push(before);
        }
      }
    }
    return this.#byBlock();
  }

  #collect(block: MachineBlock): void {
    for (const { args } of block.phis) {
      for (let i = 0; i < args.length; i++) {
        const arg = args[i]!;
        if (arg instanceof Virtual) (this.#passedOut[arg.id] ??= []).push(block.predecessors[i]!.id);
      }
    }
    for (const { left, right, base, args } of block.instructions) {
      if (left instanceof Virtual) this.#read(left, block);
      if (right !== null) this.#read(right, block);
      if (base !== null) this.#read(base, block);
      for (const arg of args) if (arg instanceof Virtual) this.#read(arg, block);
    }
  }

  #read(virtual: Virtual, block: MachineBlock): void {
    if (virtual.block === block) return;
    const list = (this.#readIn[virtual.id] ??= []);
    if (list.at(-1) !== block.id) list.push(block.id);
  }

  #note(block: number, virtual: number): void {
    if (this.#found === this.#blocks.length) {
      this.#blocks = longer(this.#blocks);
      this.#virtuals = longer(this.#virtuals);
    }
    this.#blocks[this.#found] = block;
    this.#virtuals[this.#found++] = virtual;
  }

  /** Sorts the pairs by block, each block's by virtual register. */
  #byBlock(): Liveness {
    const liveFrom = new Int32Array(this.#marked.length + 1);
    for (let i = 0; i < this.#found; i++) liveFrom[this.#blocks[i]! + 1]!++;
    for (let id = 1; id < liveFrom.length; id++) liveFrom[id]! += liveFrom[id - 1]!;
    const next = liveFrom.slice();
    const live = new Int32Array(this.#found);
    for (let i = 0; i < this.#found; i++) live[next[this.#blocks[i]!]!++] = this.#virtuals[i]!;
    return { live, liveFrom };
  }
}

const longer = (list: Int32Array): Int32Array => {
  const twice = new Int32Array(list.length * 2);
  twice.set(list);
  return twice;
};
