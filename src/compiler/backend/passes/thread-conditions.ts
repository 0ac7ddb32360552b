/**
 * Splits a block that branches on a phi into copies for the ways in that decide the branch: `x = a ? 1 : 0; if (x) ...`,
 * which every inlined function with several returns leaves behind, becomes `if (a) ...`.
 *
 * The blocks before that bring a deciding value lead to a copy that jumps; what remains leads to the original. Values of
 * the block that are used further on get new phis.
 */
import { arithmetic, holds } from "../../ssa/arithmetic.ts";
import { type ArithmeticOp, Block, type Condition, Node, type SsaFunction } from "../../ssa/ir.ts";
import { lowOnes } from "./bounds.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";
import { touchesAnything } from "./memory-places.ts";
import { removeUnreachable } from "./remove-unreachable.ts";
import { simplifyPhis } from "./simplify-phis.ts";
import { SsaRepair } from "./ssa-repair.ts";
import { copyNode } from "./copy-node.ts";

export const threadConditions = (fn: SsaFunction): void => {
  const pass = new Pass(fn);
  fn.blocks = fn.blocks.flatMap((block, place) => pass.visit(block, place));
  if (!pass.isChanged) return;
  removeUnreachable(fn);
  simplifyPhis(fn);
};

/** A copied block has at most this many nodes besides phis, constants and the branch. */
const COPIED = 6;

interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

class Pass {
  readonly #fn: SsaFunction;
  readonly #ids: FreshIds;
  readonly #places = new Map<Block, number>();
  #repair: SsaRepair | null = null;
  isChanged = false;

  constructor(fn: SsaFunction) {
    this.#fn = fn;
    this.#ids = freshIds(fn);
    fn.blocks.forEach((block, place) => this.#places.set(block, place));
  }

  /** The block, and its copies. */
  visit(block: Block, place: number): Block[] {
    if (!this.#isCandidate(block, place)) return [block];
    const ways = block.predecessors.map((_, edge) => decide(block, edge));
    if (ways.every((way) => way === null)) return [block];
    const repair = (this.#repair ??= new SsaRepair(this.#fn, this.#ids));
    const copies: Block[] = [];
    for (const way of [0, 1] as const) {
      if (ways.includes(way) && repair.hasBudget) copies.push(this.#copy(block, ways, way, repair));
    }
    if (copies.length === 0) return [block];
    this.isChanged = true;
    const remaining = ways.map(
      (way) => way === null || !copies.some((copy) => copy.successors[0] === block.successors[way]),
    );
    keepEdges(block, remaining);
    repair.finish(block);
    if (block.predecessors.length === 0) detach(block);
    return [block, ...copies];
  }

  #isCandidate(block: Block, place: number): boolean {
    const last = block.terminator;
    if (last?.op !== "branch" || block.nodes[0]?.op !== "phi" || block.successors[0] === block.successors[1])
      return false;
    // A loop entered in the middle is no loop the allocator or the verifier knows how to treat.
    if (block.predecessors.some((each) => (this.#places.get(each) ?? -1) >= place)) return false;
    let copied = 0;
    for (const node of block.nodes) {
      if (node.op === "phi" || node.op === "const" || node === last) continue;
      copied++;
      if (touchesAnything(node)) return false;
    }
    return copied <= COPIED;
  }

  #copy(block: Block, ways: readonly (0 | 1 | null)[], way: 0 | 1, repair: SsaRepair): Block {
    const target = block.successors[way]!;
    const copy = new Block(this.#ids.block());
    copy.loopDepth = block.loopDepth;
    const values = new Map<Node, Node>();
    const inCopy = (node: Node): Node => values.get(node) ?? node;
    for (const node of block.nodes) {
      if (node === block.terminator) break;
      const args = node.op === "phi" ? node.args.filter((_, edge) => ways[edge] === way) : node.args.map(inCopy);
      const made = copyNode(node, this.#ids.node(), args, copy);
      copy.nodes.push(made);
      values.set(node, made);
    }
    copy.nodes.push(new Node(this.#ids.node(), "jump", [], copy, block.terminator!.position));
    block.predecessors.forEach((predecessor, edge) => {
      if (ways[edge] !== way) return;
      copy.predecessors.push(predecessor);
      predecessor.successors[predecessor.successors.indexOf(block)] = copy;
    });
    copy.successors = [target];
    const edge = target.predecessors.indexOf(block);
    target.predecessors.push(copy);
    for (const phi of target.nodes) {
      if (phi.op !== "phi") break;
      phi.args.push(inCopy(phi.args[edge]!));
    }
    repair.note(copy, values);
    return copy;
  }
}

/** Which successor the branch takes when the block is entered by this edge; null when that is not known. */
const decide = (block: Block, edge: number): 0 | 1 | null => {
  const known = new Map<Node, Range>();
  const rangeOf = (node: Node): Range => known.get(node) ?? node;
  for (const node of block.nodes) {
    if (node.op === "phi") {
      known.set(node, node.args[edge]!);
    } else if (node.op === "branch") {
      const [left, right] = node.args.map(rangeOf) as [Range, Range];
      const outcome = compare(node.condition, node.width, left, right);
      return outcome === null ? null : outcome ? 0 : 1;
    } else {
      const value = evaluate(node, node.args.map(rangeOf));
      if (value !== null) known.set(node, value);
    }
  }
  return null;
};

const isConstant = ({ low, high }: Range): boolean => low === high;

/** The result of simple operations on constants. */
const evaluate = (node: Node, args: readonly Range[]): Range | null => {
  if (args.length === 0 || !args.every(isConstant)) return null;
  const [a = 0n, b = 0n] = args.map(({ low }) => BigInt.asUintN(64, low));
  const exactly = (value: bigint): Range => ({ low: BigInt.asIntN(64, value), high: BigInt.asIntN(64, value) });
  switch (node.op) {
    case "zext":
      return exactly(a & lowOnes(node.width));
    case "add":
    case "sub":
    case "and":
    case "or":
    case "xor":
      return exactly(arithmetic(node.op satisfies ArithmeticOp, a, b, node.width));
    default:
      return null;
  }
};

const compare = (condition: Condition, width: number, left: Range, right: Range): boolean | null => {
  if (isConstant(left) && isConstant(right)) {
    return holds(condition, BigInt.asUintN(64, left.low), BigInt.asUintN(64, right.low), width);
  }
  const isSigned = condition !== "set" && condition.startsWith("s");
  // In the numbers below the limit, order is the same signed and unsigned, 32 and 64 bits wide.
  const limit = lowOnes(width === 32 && !isSigned ? 32 : width - 1);
  const areNatural = left.low >= 0n && right.low >= 0n && left.high <= limit && right.high <= limit;
  if (condition === "set" || (!areNatural && (width === 32 || !isSigned))) {
    const isEquality = condition === "eq" || condition === "ne";
    if (width !== 64 || !isEquality) return null;
  }
  switch (condition) {
    case "eq":
    case "ne":
      return left.high < right.low || right.high < left.low ? condition === "ne" : null;
    case "lt":
    case "slt":
      return left.high < right.low ? true : left.low >= right.high ? false : null;
    case "le":
    case "sle":
      return left.high <= right.low ? true : left.low > right.high ? false : null;
    case "gt":
    case "sgt":
      return left.low > right.high ? true : left.high <= right.low ? false : null;
    case "ge":
    case "sge":
      return left.low >= right.high ? true : left.high < right.low ? false : null;
    default:
      return null;
  }
};

const keepEdges = (block: Block, keep: readonly boolean[]): void => {
  block.predecessors = block.predecessors.filter((_, edge) => keep[edge]);
  for (const node of block.nodes) if (node.op === "phi") node.args = node.args.filter((_, edge) => keep[edge]);
};

/** Takes a block that nothing leads to any more out of its successors' lists. */
const detach = (block: Block): void => {
  for (const successor of block.successors) {
    const edge = successor.predecessors.indexOf(block);
    successor.predecessors.splice(edge, 1);
    for (const node of successor.nodes) if (node.op === "phi") node.args.splice(edge, 1);
  }
};
