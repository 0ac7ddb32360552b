import { IdMap } from "../../ssa/by-id.ts";
import type { Node, SsaFunction } from "../../ssa/ir.ts";

/** How many arguments each node is. */
export const countUses = (fn: SsaFunction): IdMap<Node, number> => {
  const uses = new IdMap<Node, number>();
  for (const { nodes } of fn.blocks) {
    for (const { args } of nodes) for (const arg of args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  }
  return uses;
};
