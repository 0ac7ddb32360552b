/** Which bytes loads and stores touch, and which of them may be the same. */
import type { Node, Op, Space } from "../../ssa/ir.ts";

/** Memory that nobody but the program sees between its own accesses: writes there may be dropped and joined. */
export const isPrivate = (space: Space): boolean => space === "packet" || space === "ring" || space === "stack";

/** What an address starts from; addresses from one root differ by a constant, those from different ones by anything. */
export const rootOf = (access: Node): Node => access.args[0]!;

/** Whether accesses from two roots may meet. Spaces never overlap, nor do stack slots. */
export const mayMeet = (a: Node, aSpace: Space, b: Node, bSpace: Space): boolean => {
  if (aSpace !== bSpace) return false;
  return !(a.op === "stack" && b.op === "stack" && a.slot !== b.slot);
};

/** Two `stack` nodes of one slot are one root. */
export const keyOfRoot = (root: Node): string => (root.op === "stack" ? `s${root.slot!.id}` : `n${root.id}`);

/** Whether a node may read or write memory that it does not name: calls and atomics. */
export const touchesAnything = ({ op }: Node): boolean => isCall(op) || op === "atomic";

const isCall = (op: Op): boolean => op === "call" || op === "kfunc" || op === "invoke";
