/** Drops a constant's move into a register that holds it already, on the only way to there. */
import { IdMap } from "../../ssa/by-id.ts";
import { MOVE_IMMEDIATE } from "../opcodes.ts";
import { type CodeBlock, targetsOf, type Word } from "./code.ts";
import { writesOf } from "./effects.ts";

/** By register: the constant it holds, or undefined. */
type Known = (number | undefined)[];

export const dropKnownConstants = (blocks: readonly CodeBlock[]): void => {
  const ways = new IdMap<CodeBlock, number>();
  for (const block of blocks) for (const target of targetsOf(block)) ways.set(target, (ways.get(target) ?? 0) + 1);
  const atStart = new IdMap<CodeBlock, Known>();
  for (const block of blocks) {
    const known = atStart.get(block) ?? [];
    const kept: Word[] = [];
    for (const word of block.words) {
      const { code, destination, immediate } = word;
      if (code === MOVE_IMMEDIATE && known[destination] === immediate) continue;
      for (let written = writesOf(word), register = 0; written !== 0; register++, written >>= 1) {
        if ((written & 1) !== 0) known[register] = undefined;
      }
      if (code === MOVE_IMMEDIATE) known[destination] = immediate;
      kept.push(word);
    }
    if (kept.length < block.words.length) block.words = kept;
    // A block that comes earlier than its only way in has been seen already, and started with nothing known.
    for (const target of targetsOf(block)) if (ways.get(target) === 1) atStart.set(target, [...known]);
  }
};
