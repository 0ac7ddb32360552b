/** Repeats a short loop test where the loop would jump back to it: one branch a round instead of a jump and a branch. */
import type { CodeBlock } from "./code.ts";

const LONGEST = 8;

export const repeatLoopTests = (blocks: readonly CodeBlock[]): void => {
  const place = new Map<CodeBlock, number>(blocks.map((block, i) => [block, i]));
  blocks.forEach((block, i) => {
    if (block.end.kind !== "jump") return;
    const test = block.end.target;
    if (place.get(test)! > i || test === block || test.end.kind !== "branch" || test.words.length > LONGEST) return;
    block.words.push(...test.words);
    block.end = test.end;
  });
};
