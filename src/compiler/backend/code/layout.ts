/** Puts code blocks in line: in their order, but each block that only one jump leads to follows that jump. */
import { type CodeBlock, targetsOf } from "./code.ts";

export const layoutBlocks = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  const ways = new Map<CodeBlock, number>();
  for (const block of blocks) for (const target of targetsOf(block)) ways.set(target, (ways.get(target) ?? 0) + 1);
  const placed = new Set<CodeBlock>();
  const order: CodeBlock[] = [];
  for (const block of blocks) {
    let at: CodeBlock | null = block;
    while (at !== null && !placed.has(at)) {
      placed.add(at);
      order.push(at);
      const { end }: CodeBlock = at;
      at = end.kind === "jump" && ways.get(end.target) === 1 && end.target !== blocks[0] ? end.target : null;
    }
  }
  return order;
};
