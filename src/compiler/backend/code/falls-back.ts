/**
 * Finds blocks that close a loop by falling into its head. Older kernels (6.1 is one) look for ways back before they verify,
 * and accept them from jumps alone; such a block must end in one, even to the next instruction. The kernel drops it then.
 */
import { IdMap, IdSet } from "../../ssa/by-id.ts";
import { type CodeBlock, targetsOf } from "./code.ts";

/** Of blocks in line, those that must not just end. What is a way back depends on the order of the kernel's walk: on, then aside. */
export const fallsBack = (blocks: readonly CodeBlock[]): ReadonlySet<CodeBlock> => {
  const next = new IdMap<CodeBlock, CodeBlock>();
  blocks.forEach((block, at) => next.set(block, blocks[at + 1]));
  const found = new Set<CodeBlock>();
  const done = new IdSet<CodeBlock>();
  const path = new IdSet<CodeBlock>();
  const work: { readonly block: CodeBlock; readonly ways: CodeBlock[] }[] = [];
  const enter = (block: CodeBlock): void => {
    path.add(block);
    work.push({ block, ways: waysOf(block, next.get(block)) });
  };
  if (blocks[0] !== undefined) enter(blocks[0]);
  for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
    const { block } = top;
    const way = top.ways.shift();
    if (way === undefined) {
      work.pop();
      path.delete(block);
      done.add(block);
    } else if (path.has(way)) {
      if (block.end.kind === "jump" && way === next.get(block)) found.add(block);
    } else if (!done.has(way)) enter(way);
  }
  return found;
};

/** Where the next instruction leads, first; a branch that would skip a jump is the other way round. */
const waysOf = (block: CodeBlock, next: CodeBlock | undefined): CodeBlock[] => {
  const ways = [...targetsOf(block)];
  return block.end.kind === "branch" && (block.end.taken !== next || block.end.condition === "set")
    ? ways.reverse()
    : ways;
};
