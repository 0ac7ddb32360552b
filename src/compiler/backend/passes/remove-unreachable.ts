/** Removes blocks that no path from the entry reaches, and their arguments from phis. */
import type { Block, SsaFunction } from "../../ssa/ir.ts";

export const removeUnreachable = (fn: SsaFunction): void => {
  const reached = new Set<Block>([fn.entry]);
  const work = [fn.entry];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    for (const successor of block.successors) {
      if (reached.has(successor)) continue;
      reached.add(successor);
      work.push(successor);
    }
  }
  if (reached.size === fn.blocks.length) return;
  fn.blocks = fn.blocks.filter((block) => reached.has(block));
  for (const block of fn.blocks) {
    const kept = block.predecessors.map((predecessor) => reached.has(predecessor));
    if (kept.every((keep) => keep)) continue;
    block.predecessors = block.predecessors.filter((_, i) => kept[i]);
    for (const node of block.nodes) if (node.op === "phi") node.args = node.args.filter((_, i) => kept[i]);
  }
};
