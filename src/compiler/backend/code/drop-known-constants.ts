/** Drops a constant's move into a register that holds it already, on the only way to there. */
import { type CodeBlock, targetsOf } from "./code.ts";
import { writesOf } from "./effects.ts";
import { MOVE_IMMEDIATE, REGISTERS } from "../opcodes.ts";

/** By register: the constant it holds, or undefined. */
type Known = (number | undefined)[];

export const dropKnownConstants = (blocks: readonly CodeBlock[]): void => {
  const ways = new Map<CodeBlock, number>();
  for (const block of blocks) for (const target of targetsOf(block)) ways.set(target, (ways.get(target) ?? 0) + 1);
  const atEnd = new Map<CodeBlock, Known>();
  const only = new Map<CodeBlock, CodeBlock>();
  for (const block of blocks) {
    const before = only.get(block);
    const known: Known = before === undefined ? [] : [...(atEnd.get(before) ?? [])];
    block.words = block.words.filter((word) => {
      const { code, destination, immediate } = word;
      if (code === MOVE_IMMEDIATE && known[destination] === immediate) return false;
      const written = writesOf(word);
      for (let register = 0; register < REGISTERS; register++) {
        if ((written & (1 << register)) !== 0) known[register] = undefined;
      }
      if (code === MOVE_IMMEDIATE) known[destination] = immediate;
      return true;
    });
    atEnd.set(block, known);
    // A block that comes earlier than its only way in has been seen already and starts with nothing known.
    for (const target of targetsOf(block)) if (ways.get(target) === 1) only.set(target, block);
  }
};
