/**
 * Which virtual registers live at the start of each block. Every use is followed upwards to its definition, so the work
 * is proportional to the answer, whatever the shape of the loops. The answer is long, hundreds of thousands of pairs in a large
 * function: it is kept as numbers, one behind the other.
 */
import { type MachineBlock, type MachineFunction, Virtual } from "./machine.ts";

export interface Liveness {
  /** Ids of virtual registers, ascending; without the block's own phis. */
  readonly liveIn: (block: MachineBlock) => Int32Array;
}

export const computeLiveness = (fn: MachineFunction): Liveness => new Search(fn).run();

const FEW = 1024;

class Search {
  readonly #fn: MachineFunction;
  /** By block id: the last virtual register found to live there. */
  readonly #marked: Int32Array;
  /** By virtual register: blocks that read it on entry or later, and that pass it to a phi. */
  readonly #readIn: (MachineBlock[] | undefined)[];
  readonly #passedOut: (MachineBlock[] | undefined)[];
  readonly #work: MachineBlock[] = [];
  /** Pairs in the order in which they were found: by virtual register. */
  #blocks: Int32Array = new Int32Array(FEW);
  #virtuals: Int32Array = new Int32Array(FEW);
  #found = 0;

  constructor(fn: MachineFunction) {
    this.#fn = fn;
    this.#marked = new Int32Array(fn.blocks.reduce((most, { id }) => Math.max(most, id), 0) + 1).fill(-1);
    this.#readIn = fn.virtuals.map(() => undefined);
    this.#passedOut = fn.virtuals.map(() => undefined);
  }

  run(): Liveness {
    for (const block of this.#fn.blocks) this.#collect(block);
    for (const virtual of this.#fn.virtuals) {
      for (const block of this.#passedOut[virtual.id] ?? []) if (block !== virtual.block) this.#work.push(block);
      for (const block of this.#readIn[virtual.id] ?? []) this.#work.push(block);
      for (let block = this.#work.pop(); block !== undefined; block = this.#work.pop()) {
        if (this.#marked[block.id] === virtual.id) continue;
        this.#marked[block.id] = virtual.id;
        this.#note(block, virtual);
        for (const predecessor of block.predecessors) if (predecessor !== virtual.block) this.#work.push(predecessor);
      }
    }
    return this.#byBlock();
  }

  #collect(block: MachineBlock): void {
    for (const { args } of block.phis) {
      for (let i = 0; i < args.length; i++) {
        const arg = args[i]!;
        if (arg instanceof Virtual) (this.#passedOut[arg.id] ??= []).push(block.predecessors[i]!);
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
    if (list.at(-1) !== block) list.push(block);
  }

  #note(block: MachineBlock, virtual: Virtual): void {
    if (this.#found === this.#blocks.length) {
      this.#blocks = longer(this.#blocks);
      this.#virtuals = longer(this.#virtuals);
    }
    this.#blocks[this.#found] = block.id;
    this.#virtuals[this.#found++] = virtual.id;
  }

  /** Sorts the pairs by block, each block's by virtual register. */
  #byBlock(): Liveness {
    const ends = new Int32Array(this.#marked.length + 1);
    for (let i = 0; i < this.#found; i++) ends[this.#blocks[i]! + 1]!++;
    for (let id = 1; id < ends.length; id++) ends[id]! += ends[id - 1]!;
    const virtuals = new Int32Array(this.#found);
    // What is the end of the block before becomes the block's own while it fills.
    for (let i = 0; i < this.#found; i++) virtuals[ends[this.#blocks[i]!]!++] = this.#virtuals[i]!;
    return { liveIn: ({ id }) => virtuals.subarray(id === 0 ? 0 : ends[id - 1], ends[id]) };
  }
}

const longer = (list: Int32Array): Int32Array => {
  const twice = new Int32Array(list.length * 2);
  twice.set(list);
  return twice;
};
