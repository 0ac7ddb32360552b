/** Removes nodes whose value nobody needs. Stores, calls, atomics and terminators are needed for what they do; loads are not, but those that are kept. */
import { IdSet } from "../../ssa/by-id.ts";
import type { Node, Op, SsaFunction } from "../../ssa/ir.ts";

export const eliminateDeadCode = (fn: SsaFunction): void => {
  const needed = new IdSet<Node>();
  const work: Node[] = [];
  for (const { nodes } of fn.blocks)
    for (const node of nodes) if ((node.kept || hasEffect(node.op)) && needed.add(node)) work.push(node);
  for (let node = work.pop(); node !== undefined; node = work.pop())
    for (const arg of node.args) if (needed.add(arg)) work.push(arg);
  for (const block of fn.blocks) {
    if (block.nodes.some((node) => !needed.has(node))) block.nodes = block.nodes.filter((node) => needed.has(node));
  }
};

const hasEffect = (op: Op): boolean => {
  switch (op) {
    case "store":
    case "pin":
    case "atomic":
    case "call":
    case "kfunc":
    case "invoke":
    case "jump":
    case "branch":
    case "return":
      return true;
    default:
      return false;
  }
};
