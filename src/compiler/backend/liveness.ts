/**
 * Which virtual registers live at the ends of each block. Every use is followed upwards to its definition, so the work
 * is proportional to the answer, whatever the shape of the loops.
 */
import { type Instruction, type MachineBlock, type MachineFunction, Virtual } from "./machine.ts";

export interface Liveness {
  /** By block id; without the block's own phis. */
  readonly liveIn: readonly Virtual[][];
  /** By block id; with what successors' phis take from this block. */
  readonly liveOut: readonly Virtual[][];
}

export const computeLiveness = (fn: MachineFunction): Liveness => {
  const liveIn: Virtual[][] = [];
  const liveOut: Virtual[][] = [];
  const markedIn: number[] = [];
  const markedOut: number[] = [];
  /** By virtual: blocks that read it on entry or later, and blocks that pass it to a phi. */
  const readIn: MachineBlock[][] = fn.virtuals.map(() => []);
  const passedOut: MachineBlock[][] = fn.virtuals.map(() => []);
  for (const block of fn.blocks) {
    liveIn[block.id] = [];
    liveOut[block.id] = [];
    markedIn[block.id] = -1;
    markedOut[block.id] = -1;
    for (const phi of block.phis) {
      for (let i = 0; i < phi.args.length; i++) {
        const arg = phi.args[i]!;
        if (arg instanceof Virtual) passedOut[arg.id]!.push(block.predecessors[i]!);
      }
    }
    const read = (virtual: Virtual): void => {
      if (virtual.block !== block) readIn[virtual.id]!.push(block);
    };
    for (const instruction of block.instructions) forEachRead(instruction, read);
  }

  const work: MachineBlock[] = [];
  for (const virtual of fn.virtuals) {
    const { id } = virtual;
    const leaves = (block: MachineBlock): void => {
      if (markedOut[block.id] === id) return;
      markedOut[block.id] = id;
      liveOut[block.id]!.push(virtual);
      if (block !== virtual.block) work.push(block);
    };
    for (const block of readIn[id]!) work.push(block);
    for (const block of passedOut[id]!) leaves(block);
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      if (markedIn[block.id] === id) continue;
      markedIn[block.id] = id;
      liveIn[block.id]!.push(virtual);
      for (const predecessor of block.predecessors) leaves(predecessor);
    }
  }
  return { liveIn, liveOut };
};

/** Calls `read` for each virtual register an instruction reads, once per operand. */
const forEachRead = (instruction: Instruction, read: (virtual: Virtual) => void): void => {
  if (instruction.left instanceof Virtual) read(instruction.left);
  if (instruction.right !== null) read(instruction.right);
  if (instruction.base !== null) read(instruction.base);
  for (const arg of instruction.args) if (arg instanceof Virtual) read(arg);
};
