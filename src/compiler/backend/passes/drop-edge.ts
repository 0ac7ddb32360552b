import type { Block } from "../../ssa/ir.ts";

/** Takes an edge out of its target's lists; the successors of `from` are the caller's. */
export const dropEdge = (from: Block, to: Block): void => {
  const edge = to.predecessors.indexOf(from);
  to.predecessors.splice(edge, 1);
  for (const phi of to.nodes) if (phi.op === "phi") phi.args.splice(edge, 1);
};
