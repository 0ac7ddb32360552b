/**
 * Rewrites `n % c` beside `n / c`, or where every way has passed `n / c`, into `n - (n / c) * c`: a multiplication instead of a
 * second division.
 */
import { dominators, type DominatorTree } from "../../ssa/dominators.ts";
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";
import { Replacements } from "./replacements.ts";

export const reuseQuotients = (fn: SsaFunction): void => {
  const known = new Known();
  for (const { nodes } of fn.blocks) for (const node of nodes) if (isByConstant(node, "div")) known.add(node);
  if (known.isEmpty) return;
  known.tree = dominators(fn.entry);
  const replacements = new Replacements();
  for (const block of fn.blocks) rewriteBlock(block, freshIds(fn), known, replacements);
  if (!replacements.isEmpty) replacements.apply(fn);
};

/** Quotients of equal operands that are looked at for a remainder. */
const MOST = 4;

class Known {
  readonly #quotients = new Map<string, Node[]>();
  tree: DominatorTree | null = null;

  get isEmpty(): boolean {
    return this.#quotients.size === 0;
  }

  add(quotient: Node): void {
    const key = keyOf(quotient);
    const list = this.#quotients.get(key);
    if (list === undefined) this.#quotients.set(key, [quotient]);
    else if (list.length < MOST) list.push(quotient);
  }

  /** A quotient that every way to the remainder has passed. */
  before(remainder: Node): Node | undefined {
    return this.#quotients
      .get(keyOf(remainder))
      ?.find(({ block }) => block !== remainder.block && this.tree?.dominates(block, remainder.block));
  }
}

const rewriteBlock = (block: Block, ids: FreshIds, known: Known, replacements: Replacements): void => {
  const quotients = new Map<string, Node>();
  for (const node of block.nodes) if (isByConstant(node, "div")) quotients.set(keyOf(node), node);
  if (quotients.size === 0 && !block.nodes.some((node) => isByConstant(node, "mod"))) return;
  const placed = new Set<Node>();
  const nodes: Node[] = [];
  const place = (node: Node): void => {
    if (placed.has(node)) return;
    placed.add(node);
    nodes.push(node);
  };
  for (const node of block.nodes) {
    const isRemainder = isByConstant(node, "mod");
    const here = isRemainder ? quotients.get(keyOf(node)) : undefined;
    const quotient = here ?? (isRemainder ? known.before(node) : undefined);
    if (quotient === undefined) {
      place(node);
      continue;
    }
    // The quotient may come later; its operands are the remainder's.
    if (here !== undefined) place(here);
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
