/** Removes blocks that no path from the entry reaches, and their arguments from phis. */
import { IdSet } from "../../ssa/by-id.ts";
import type { Block, SsaFunction } from "../../ssa/ir.ts";

export const removeUnreachable = (fn: SsaFunction): void => {
  const reached = new IdSet<Block>();
  reached.add(fn.entry);
  const found = [fn.entry];
  for (const block of found)
    for (const successor of block.successors) if (reached.add(successor)) found.push(successor);
  if (found.length === fn.blocks.length) return;
  fn.blocks = fn.blocks.filter((block) => reached.has(block));
  for (const block of fn.blocks) {
    if (block.predecessors.every((predecessor) => reached.has(predecessor))) continue;
    const kept = block.predecessors.map((predecessor) => reached.has(predecessor));
    block.predecessors = block.predecessors.filter((_, i) => kept[i]);
    for (const node of block.nodes) if (node.op === "phi") node.args = node.args.filter((_, i) => kept[i]);
  }
};
