/** Rewrites `n % c` beside `n / c` into `n - (n / c) * c`: a multiplication instead of a second division. */
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";
import { Replacements } from "./replacements.ts";

export const reuseQuotients = (fn: SsaFunction): void => {
  const replacements = new Replacements();
  for (const block of fn.blocks) rewriteBlock(block, freshIds(fn), replacements);
  if (!replacements.isEmpty) replacements.apply(fn);
};

const rewriteBlock = (block: Block, ids: FreshIds, replacements: Replacements): void => {
  const quotients = new Map<string, Node>();
  for (const node of block.nodes) if (isByConstant(node, "div")) quotients.set(keyOf(node), node);
  if (quotients.size === 0) return;
  const placed = new Set<Node>();
  const nodes: Node[] = [];
  const place = (node: Node): void => {
    if (placed.has(node)) return;
    placed.add(node);
    nodes.push(node);
  };
  for (const node of block.nodes) {
    const quotient = isByConstant(node, "mod") ? quotients.get(keyOf(node)) : undefined;
    if (quotient === undefined) {
      place(node);
      continue;
    }
    // The quotient may come later; its operands are the remainder's.
    place(quotient);
    const [dividend, divisor] = node.args as [Node, Node];
    const whole = new Node(ids.node(), "mul", [quotient, divisor], block, node.position);
    const rest = new Node(ids.node(), "sub", [dividend, whole], block, node.position);
    whole.width = node.width;
    Object.assign(rest, { width: node.width, low: node.low, high: node.high });
    nodes.push(whole, rest);
    replacements.set(node, rest);
  }
  block.nodes = nodes;
};

const isByConstant = ({ op, args }: Node, wanted: "div" | "mod"): boolean =>
  op === wanted && args[1]!.op === "const" && args[1]!.imm !== 0n;

const keyOf = ({ width, args }: Node): string => `${width} ${args[0]!.id} ${args[1]!.imm}`;
