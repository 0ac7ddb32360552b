/**
 * Repeats a short loop test where the loop would jump back to it: one branch a round instead of a jump and a branch. One
 * that calls stays alone: at the call of a number iterator the verifier looks for what it has seen before.
 */
import { IdMap } from "../../ssa/by-id.ts";
import { CALL } from "../opcodes.ts";
import type { CodeBlock } from "./code.ts";

const LONGEST = 8;

export const repeatLoopTests = (blocks: readonly CodeBlock[]): void => {
  const place = new IdMap<CodeBlock, number>();
  blocks.forEach((block, i) => place.set(block, i));
  blocks.forEach((block, i) => {
    if (block.end.kind !== "jump") return;
    const test = block.end.target;
    if (place.get(test)! > i || test === block || test.end.kind !== "branch" || test.words.length > LONGEST) return;
    if (test.words.some(({ code }) => code === CALL)) return;
    block.words.push(...test.words);
    block.end = test.end;
  });
};
