/** Leads every edge past blocks without instructions, and drops blocks that nothing leads to. */
import { type CodeBlock, redirect, targetsOf } from "./code.ts";

export const skipEmptyBlocks = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  const known = new Map<CodeBlock, CodeBlock>();
  for (const block of blocks) redirect(block, (target) => through(target, known));
  return reachable(blocks);
};

/** Where a jump to this block ends up; a loop of empty blocks stays where it is. */
const through = (block: CodeBlock, known: Map<CodeBlock, CodeBlock>): CodeBlock => {
  const path: CodeBlock[] = [];
  let at = block;
  for (;;) {
    const found = known.get(at);
    if (found !== undefined) {
      at = found;
      break;
    }
    if (at.words.length > 0 || at.end.kind !== "jump") break;
    known.set(at, at);
    path.push(at);
    at = at.end.target;
  }
  for (const each of path) known.set(each, at);
  return at;
};

/** Blocks that the first leads to, in their order: the verifier takes no others. */
export const reachable = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  const reached = new Set<CodeBlock>([blocks[0]!]);
  const work = [blocks[0]!];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    for (const target of targetsOf(block)) {
      if (reached.has(target)) continue;
      reached.add(target);
      work.push(target);
    }
  }
  return blocks.filter((block) => reached.has(block));
};
