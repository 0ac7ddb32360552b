/**
 * When each stack slot is in use: from the first instruction that names it to the last, whole loops included. Blocks
 * are in an order in which, loops aside, every way on leads forward, so nothing outside that stretch can come between.
 */
import type { StackSlot } from "../ssa/ir.ts";
import { type MachineBlock, type MachineFunction, type Operand, Virtual } from "./machine.ts";

/** Positions [from, to). */
export interface Life {
  from: number;
  to: number;
}

/** Slots that nothing names are left out. `fn` must be numbered. */
export const slotLives = (fn: MachineFunction): Map<StackSlot, Life> => {
  const lives = new Map<StackSlot, Life>();
  const end = fn.blocks.at(-1)!.to;
  const extend = (slot: StackSlot, from: number, to: number): void => {
    const life = lives.get(slot);
    if (life === undefined) {
      lives.set(slot, { from, to });
    } else {
      life.from = Math.min(life.from, from);
      life.to = Math.max(life.to, to);
    }
  };
  /** An address that goes into a register, and from there who knows where. */
  const escape = (operand: Operand | null): void => {
    if (operand !== null && !(operand instanceof Virtual) && operand.kind === "frame") extend(operand.slot, 0, end);
  };
  for (const block of fn.blocks) {
    const around = outermostLoop(block);
    for (const phi of block.phis) phi.args.forEach(escape);
    for (const { index, slot, left, rebuild, args } of block.instructions) {
      const [from, to] = around ?? [index * 2, index * 2 + 2];
      if (slot !== null) extend(slot, from, to);
      // What a call is given it uses and forgets.
      for (const arg of args) if (!(arg instanceof Virtual) && arg.kind === "frame") extend(arg.slot, from, to);
      escape(left);
      escape(rebuild);
    }
  }
  return lives;
};

const outermostLoop = (block: MachineBlock): [from: number, to: number] | null => {
  let { loop } = block;
  while (loop !== null && loop.parent !== null) loop = loop.parent;
  return loop === null ? null : [loop.header.from, loop.last.to];
};
