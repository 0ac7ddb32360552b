/**
 * Rewrites every edge from a block with several successors to a block with several predecessors into one through a new
 * block that only jumps, so that each edge has a place for the moves that phis and register allocation need.
 */
import { Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds } from "./fresh-ids.ts";

export const splitCriticalEdges = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const blocks: Block[] = [];
  for (const target of fn.blocks) {
    blocks.push(target);
    if (target.predecessors.length < 2) continue;
    for (let i = 0; i < target.predecessors.length; i++) {
      const source = target.predecessors[i]!;
      if (source.successors.length < 2) continue;
      const middle = new Block(ids.block());
      middle.loopDepth = Math.min(source.loopDepth, target.loopDepth);
      middle.nodes.push(new Node(ids.node(), "jump", [], middle, source.terminator?.position ?? null));
      middle.predecessors.push(source);
      middle.successors.push(target);
      // Of two edges from one branch to one target the first predecessor is the first successor.
      source.successors[source.successors.indexOf(target)] = middle;
      target.predecessors[i] = middle;
      blocks.push(middle);
    }
  }
  fn.blocks = blocks;
};
