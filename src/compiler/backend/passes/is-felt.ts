import type { Node } from "../../ssa/ir.ts";

/** Whether it is noticed when a node is run where it was not, or not where it was: loads are not. */
export const isFelt = ({ op, kept }: Node): boolean =>
  op === "store" || op === "call" || op === "kfunc" || op === "invoke" || op === "atomic" || op === "pin" || kept;
