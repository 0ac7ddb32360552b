/** Removes nodes whose value nobody needs. Stores, calls, atomics and terminators are needed for what they do; loads are not, but those that are kept. */
import type { Node, Op, SsaFunction } from "../../ssa/ir.ts";

export const eliminateDeadCode = (fn: SsaFunction): void => {
  const needed = new Set<Node>();
  const work: Node[] = [];
  const need = (node: Node): void => {
    if (needed.has(node)) return;
    needed.add(node);
    work.push(node);
  };
  for (const { nodes } of fn.blocks) for (const node of nodes) if (node.kept || hasEffect(node.op)) need(node);
  for (let node = work.pop(); node !== undefined; node = work.pop()) node.args.forEach(need);
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
