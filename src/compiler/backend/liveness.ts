/**
 * Which virtual registers live at the ends of each block. Every use is followed upwards to its definition, so the work
 * is proportional to the answer, whatever the shape of the loops.
 */
import { type MachineBlock, type MachineFunction, Virtual } from "./machine.ts";

export interface Liveness {
  /** By block id; without the block's own phis. */
  readonly liveIn: readonly Virtual[][];
  /** By block id; with what successors' phis take from this block. */
  readonly liveOut: readonly Virtual[][];
}

export const computeLiveness = (fn: MachineFunction): Liveness => new Search(fn).run();

class Search {
  readonly liveIn: Virtual[][] = [];
  readonly liveOut: Virtual[][] = [];
  readonly #fn: MachineFunction;
  /** The last virtual register noted for a block. */
  readonly #markedIn: number[] = [];
  readonly #markedOut: number[] = [];
  /** By virtual register: blocks that read it on entry or later, and blocks that pass it to a phi. */
  readonly #readIn: (MachineBlock[] | undefined)[] = [];
  readonly #passedOut: (MachineBlock[] | undefined)[] = [];
  readonly #work: MachineBlock[] = [];

  constructor(fn: MachineFunction) {
    this.#fn = fn;
  }

  run(): Liveness {
    for (const block of this.#fn.blocks) this.#collect(block);
    for (const virtual of this.#fn.virtuals) {
      const { id } = virtual;
      for (const block of this.#readIn[id] ?? []) this.#work.push(block);
      for (const block of this.#passedOut[id] ?? []) this.#leaves(block, virtual);
      for (let block = this.#work.pop(); block !== undefined; block = this.#work.pop()) {
        if (this.#markedIn[block.id] === id) continue;
        this.#markedIn[block.id] = id;
        this.liveIn[block.id]!.push(virtual);
        for (const predecessor of block.predecessors) this.#leaves(predecessor, virtual);
      }
    }
    return { liveIn: this.liveIn, liveOut: this.liveOut };
  }

  #collect(block: MachineBlock): void {
    this.liveIn[block.id] = [];
    this.liveOut[block.id] = [];
    this.#markedIn[block.id] = -1;
    this.#markedOut[block.id] = -1;
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

  #leaves(block: MachineBlock, virtual: Virtual): void {
    if (this.#markedOut[block.id] === virtual.id) return;
    this.#markedOut[block.id] = virtual.id;
    this.liveOut[block.id]!.push(virtual);
    if (block !== virtual.block) this.#work.push(block);
  }
}
