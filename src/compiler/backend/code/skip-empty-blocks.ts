/** Leads every edge past blocks without instructions, and drops blocks that nothing leads to. */
import { IdMap, IdSet } from "../../ssa/by-id.ts";
import { type CodeBlock, redirect, targetsOf } from "./code.ts";

export const skipEmptyBlocks = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  const known = new IdMap<CodeBlock, CodeBlock>();
  const on = (target: CodeBlock): CodeBlock => (isEmpty(target) ? through(target, known) : target);
  for (const block of blocks) redirect(block, on);
  return reachable(blocks);
};

const isEmpty = ({ words, end }: CodeBlock): boolean => words.length === 0 && end.kind === "jump";

/** Where a jump to this block ends up; a loop of empty blocks stays where it is. */
const through = (block: CodeBlock, known: IdMap<CodeBlock, CodeBlock>): CodeBlock => {
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
  const reached = new IdSet<CodeBlock>();
  reached.add(blocks[0]!);
  const found = [blocks[0]!];
  for (const block of found) for (const target of targetsOf(block)) if (reached.add(target)) found.push(target);
  return blocks.filter((block) => reached.has(block));
};
