/** Ids for the nodes and blocks that a pass adds: one more than the largest in use. */
import type { SsaFunction } from "../../ssa/ir.ts";

export interface FreshIds {
  readonly node: () => number;
  readonly block: () => number;
}

export const freshIds = (fn: SsaFunction): FreshIds => {
  let block = 0;
  let node = 0;
  for (const { id, nodes } of fn.blocks) {
    block = Math.max(block, id + 1);
    for (const each of nodes) node = Math.max(node, each.id + 1);
  }
  return { node: () => node++, block: () => block++ };
};
