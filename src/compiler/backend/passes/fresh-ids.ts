/** Ids for the nodes and blocks that passes add: one more than the largest in use. */
import type { SsaFunction } from "../../ssa/ir.ts";

export interface FreshIds {
  readonly node: () => number;
  readonly block: () => number;
}

const known = new WeakMap<SsaFunction, FreshIds>();

/** Counted once for a function: from then on all that add to it must ask here. */
export const freshIds = (fn: SsaFunction): FreshIds => {
  let ids = known.get(fn);
  if (ids === undefined) {
    ids = count(fn);
    known.set(fn, ids);
  }
  return ids;
};

const count = (fn: SsaFunction): FreshIds => {
  let block = 0;
  let node = 0;
  for (const { id, nodes } of fn.blocks) {
    block = Math.max(block, id + 1);
    for (const each of nodes) node = Math.max(node, each.id + 1);
  }
  return { node: () => node++, block: () => block++ };
};
