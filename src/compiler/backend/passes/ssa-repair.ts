/**
 * Makes a function SSA again after a block was copied: a value then has several definitions, and its users further on
 * read whichever came by, through phis where ways meet (Braun et al., "Simple and Efficient Construction of Static
 * Single Assignment Form", CC 2013). Needless phis are left for a later pass.
 */
import { IdMap } from "../../ssa/by-id.ts";
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import type { FreshIds } from "./fresh-ids.ts";

/** New phis per node of the function at most: past that, no more copies. */
const BUDGET = 2;

export class SsaRepair {
  readonly #ids: FreshIds;
  /** By value; may name nodes that have ceased to use it. */
  readonly #users = new IdMap<Node, Node[]>();
  #copies: { readonly block: Block; readonly values: ReadonlyMap<Node, Node> }[] = [];
  #budget: number;

  constructor(fn: SsaFunction, ids: FreshIds) {
    this.#ids = ids;
    let nodes = 0;
    for (const block of fn.blocks) {
      nodes += block.nodes.length;
      for (const node of block.nodes) this.#use(node);
    }
    this.#budget = 100 + nodes * BUDGET;
  }

  get hasBudget(): boolean {
    return this.#budget > 0;
  }

  /** `copy` computes for each of the block's nodes what `values` says. */
  note(copy: Block, values: ReadonlyMap<Node, Node>): void {
    this.#copies.push({ block: copy, values });
    for (const node of copy.nodes) this.#use(node);
    // Phis of the target have a new argument.
    for (const node of copy.successors[0]!.nodes) if (node.op === "phi") this.#use(node);
  }

  /** All copies of `original` are noted, and its edges final. */
  finish(original: Block): void {
    for (const value of original.nodes) {
      if (value.op === "const" || !this.#copies.some(({ values }) => values.has(value))) continue;
      const users = this.#users.get(value);
      if (users === undefined) continue;
      const outside = new Set(users.filter((user) => user.args.includes(value) && isElsewhere(user, value, original)));
      if (outside.size > 0) this.#rewrite(value, original, [...outside]);
    }
    this.#copies = [];
  }

  #use(node: Node): void {
    for (const arg of node.args) {
      if (arg.op === "const") continue;
      const list = this.#users.get(arg);
      if (list === undefined) this.#users.set(arg, [node]);
      else list.push(node);
    }
  }

  #rewrite(value: Node, original: Block, users: readonly Node[]): void {
    const atEnd = new Map<Block, Node>(this.#copies.map(({ block, values }) => [block, values.get(value)!]));
    atEnd.set(original, value);
    const atStart = new Map<Block, Node>();
    const unfilled: Node[] = [];
    const readAtEnd = (block: Block): Node => atEnd.get(block) ?? readAtStart(block);
    const readAtStart = (block: Block): Node => {
      const passed: Block[] = [];
      let at = block;
      let found = atStart.get(at);
      while (found === undefined) {
        passed.push(at);
        if (at.predecessors.length === 1) {
          const before = at.predecessors[0]!;
          found = atEnd.get(before) ?? atStart.get(before);
          at = before;
          continue;
        }
        const phi = new Node(this.#ids.node(), "phi", [], at, value.position);
        phi.low = value.low;
        phi.high = value.high;
        at.nodes.unshift(phi);
        unfilled.push(phi);
        found = phi;
        this.#budget--;
      }
      for (const each of passed) atStart.set(each, found);
      return found;
    };
    for (const user of users) {
      for (let i = 0; i < user.args.length; i++) {
        if (user.args[i] !== value) continue;
        user.args[i] = user.op === "phi" ? readAtEnd(user.block.predecessors[i]!) : readAtStart(user.block);
      }
      this.#use(user);
    }
    for (let phi = unfilled.pop(); phi !== undefined; phi = unfilled.pop()) {
      phi.args = phi.block.predecessors.map(readAtEnd);
      this.#use(phi);
    }
  }
}

/** Users in the block itself see its own value; a phi elsewhere reads it at the end of the block before. */
const isElsewhere = (user: Node, value: Node, original: Block): boolean =>
  user.op === "phi"
    ? user.args.some((arg, edge) => arg === value && user.block.predecessors[edge] !== original)
    : user.block !== original;
