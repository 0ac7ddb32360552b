/** The frame of a pass that replaces nodes one at a time: new nodes, shared constants, counts of uses. */
import { IdMap, IdSet } from "../../ssa/by-id.ts";
import { type Block, Node, type Op, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";
import { Replacements } from "./replacements.ts";

export type NodeFields = Partial<
  Pick<Node, "width" | "size" | "offset" | "imm" | "space" | "condition" | "map" | "slot" | "low" | "high">
>;

export interface Rewriter {
  /** A constant; equal ones are one node. */
  readonly constant: (value: bigint) => Node;
  /** A new node in front of the one being rewritten, at its position. */
  readonly insert: (op: Op, args: Node[], fields: NodeFields) => Node;
  /** How many arguments the node, or what it stands for, was when the pass began; of other new nodes 1. */
  readonly uses: (node: Node) => number;
  /** Whether any phi reads it. */
  readonly feedsPhi: (node: Node) => boolean;
  /** Whether nothing but comparisons with constants, for bits and not for order, reads it. */
  readonly isOnlyCompared: (node: Node) => boolean;
}

/** What a rule makes of a node: itself (perhaps changed in place), or what stands for it from now on. */
export type Rule = (node: Node, rewriter: Rewriter) => Node;

/**
 * Applies `rule` to every node but phis, in order; arguments have been rewritten before their users. Constants move to
 * the entry, each value once: they cost nothing there, and no block has to be kept for them.
 */
export const rewriteNodes = (fn: SsaFunction, rule: Rule): void => {
  const pass = new Pass(fn);
  for (const block of fn.blocks) pass.block(block, rule);
  pass.finish();
};

class Pass implements Rewriter {
  readonly #fn: SsaFunction;
  readonly #ids: FreshIds;
  readonly #replacements = new Replacements();
  readonly #constants = new Map<bigint, Node>();
  readonly #uses = new IdMap<Node, number>();
  readonly #feedsPhi = new IdSet<Node>();
  readonly #isComputedOn = new IdSet<Node>();
  #nodes: Node[] = [];
  #current: Node | null = null;

  constructor(fn: SsaFunction) {
    this.#fn = fn;
    this.#ids = freshIds(fn);
    for (const { nodes } of fn.blocks) {
      for (const node of nodes) {
        const isCompared = isComparison(node);
        for (const arg of node.args) {
          this.#uses.set(arg, (this.#uses.get(arg) ?? 0) + 1);
          if (node.op === "phi") this.#feedsPhi.add(arg);
          if (!isCompared) this.#isComputedOn.add(arg);
        }
      }
    }
  }

  block(block: Block, rule: Rule): void {
    const old = block.nodes;
    this.#nodes = [];
    for (const node of old) {
      if (node.op === "const") {
        this.#replacements.set(node, this.constant(node.imm));
        continue;
      }
      if (node.op !== "phi") {
        this.#current = node;
        for (let i = 0; i < node.args.length; i++) node.args[i] = this.#replacements.find(node.args[i]!);
        const result = rule(node, this);
        if (result !== node) {
          this.#replacements.set(node, result);
          this.#inherit(node, result);
          continue;
        }
      }
      this.#nodes.push(node);
    }
    block.nodes = this.#nodes;
  }

  /** What read a node now reads what stands for it. */
  #inherit(node: Node, result: Node): void {
    this.#uses.set(result, (this.#uses.get(result) ?? 0) + (this.#uses.get(node) ?? 0));
    if (this.#feedsPhi.has(node)) this.#feedsPhi.add(result);
    if (this.#isComputedOn.has(node)) this.#isComputedOn.add(result);
  }

  finish(): void {
    if (!this.#replacements.isEmpty) this.#replacements.apply(this.#fn);
    this.#fn.entry.nodes.unshift(...this.#constants.values());
  }

  constant = (value: bigint): Node => {
    const imm = BigInt.asIntN(64, value);
    let node = this.#constants.get(imm);
    if (node === undefined) {
      node = new Node(this.#ids.node(), "const", [], this.#fn.entry, null);
      node.imm = imm;
      node.low = imm;
      node.high = imm;
      this.#constants.set(imm, node);
    }
    return node;
  };

  insert = (op: Op, args: Node[], fields: NodeFields): Node => {
    const at = this.#current!;
    const node = Object.assign(new Node(this.#ids.node(), op, args, at.block, at.position), fields);
    this.#nodes.push(node);
    return node;
  };

  uses = (node: Node): number => this.#uses.get(node) ?? 1;

  feedsPhi = (node: Node): boolean => this.#feedsPhi.has(node);

  isOnlyCompared = (node: Node): boolean => !this.#isComputedOn.has(node);
}

const isComparison = ({ op, condition, args }: Node): boolean =>
  op === "branch" &&
  (condition === "eq" || condition === "ne" || condition === "set") &&
  args.some((arg) => arg.op === "const");
