/** The passes over code with real registers, in order. */
import type { CodeBlock } from "./code.ts";
import { dropKnownConstants } from "./drop-known-constants.ts";
import { hoistMoves } from "./hoist-moves.ts";
import { layoutBlocks } from "./layout.ts";
import { mergeBlocks } from "./merge-blocks.ts";
import { repeatLoopTests } from "./repeat-loop-tests.ts";
import { reachable, skipEmptyBlocks } from "./skip-empty-blocks.ts";

/** Blocks in the order in which they are to be written; the first is the entry. */
export const finishCode = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  let list = skipEmptyBlocks(blocks);
  hoistMoves(list);
  list = mergeBlocks(list);
  list = skipEmptyBlocks(list);
  dropKnownConstants(list);
  // Some blocks were nothing but such a constant.
  list = skipEmptyBlocks(list);
  repeatLoopTests(list);
  // A loop entered only by its repeated test leaves the test itself behind.
  return layoutBlocks(reachable(list));
};
