/**
 * Splits a block that branches on a phi into copies for the ways in that decide the branch: `x = a ? 1 : 0; if (x) ...`,
 * which every inlined function with several returns leaves behind, becomes `if (a) ...`. So with a branch on what the ways
 * in have asked already: `if (a && b) ...; if (a) ...`.
 *
 * The blocks before that bring a deciding value lead to a copy that jumps; what remains leads to the original. Values of
 * the block that are used further on get new phis.
 */
import { arithmetic, holds } from "../../ssa/arithmetic.ts";
import { IdMap } from "../../ssa/by-id.ts";
import { type ArithmeticOp, Block, type Condition, Node, type SsaFunction } from "../../ssa/ir.ts";
import type { Range } from "../../ssa/range.ts";
import { inverse } from "../opcodes.ts";
import { lowOnes } from "../../ssa/range.ts";
import { compareRanges, isConstant } from "./compare-ranges.ts";
import { dropEdge } from "./drop-edge.ts";
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

class Pass {
  readonly #fn: SsaFunction;
  readonly #ids: FreshIds;
  readonly #places = new IdMap<Block, number>();
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
    const ways = block.predecessors.map((_, edge) => decide(block, edge) ?? decidedBefore(block, edge));
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
    if (last?.op !== "branch" || block.predecessors.length < 2 || block.successors[0] === block.successors[1])
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

/** Branches looked back for by {@link decidedBefore}. */
const LOOK_BACK = 4;

/** The same when a branch on the only way to that edge has compared the same value with the same constant. */
const decidedBefore = (block: Block, edge: number): 0 | 1 | null => {
  const { condition, width, args } = block.terminator!;
  const [value, constant] = args as [Node, Node];
  if (constant.op !== "const") return null;
  let at = block.predecessors[edge]!;
  // Which of two edges of one branch this is, the list does not tell.
  if (at.successors[0] === at.successors[1]) return null;
  let way = at.successors.indexOf(block);
  for (let step = 0; step < LOOK_BACK; step++) {
    const earlier = at.terminator!;
    const [other, limit] = earlier.args;
    if (earlier.op === "branch" && other === value && limit!.op === "const" && earlier.width === width) {
      const outcome = conclude(earlier.condition, way === 0, limit!.imm, condition, constant.imm, width);
      if (outcome !== null) return outcome ? 0 : 1;
    }
    const [before] = at.predecessors;
    if (before === undefined || at.predecessors.length > 1 || before.successors[0] === before.successors[1])
      return null;
    way = before.successors.indexOf(at);
    at = before;
  }
  return null;
};

/** Whether a value fulfils a condition, of which it is known whether it fulfils another. */
const conclude = (
  known: Condition,
  holdsKnown: boolean,
  limit: bigint,
  asked: Condition,
  constant: bigint,
  width: 8 | 16 | 32 | 64,
): boolean | null => {
  const isEqual = known === "eq" ? holdsKnown : known === "ne" ? !holdsKnown : false;
  if (isEqual) return holds(asked, BigInt.asUintN(64, limit), BigInt.asUintN(64, constant), width);
  if (BigInt.asUintN(width, limit) !== BigInt.asUintN(width, constant)) return null;
  if (asked === known) return holdsKnown;
  return asked === inverse[known as keyof typeof inverse] ? !holdsKnown : null;
};

/** Which successor the branch takes when the block is entered by this edge; null when that is not known. */
const decide = (block: Block, edge: number): 0 | 1 | null => {
  const known = new Map<Node, Range>();
  const rangeOf = (node: Node): Range => known.get(node) ?? node;
  for (const node of block.nodes) {
    if (node.op === "phi") {
      known.set(node, node.args[edge]!);
    } else if (node.op === "branch") {
      const [left, right] = node.args.map(rangeOf) as [Range, Range];
      const outcome = compareRanges(node.condition, node.width, left, right);
      return outcome === null ? null : outcome ? 0 : 1;
    } else {
      const value = evaluate(node, node.args.map(rangeOf));
      if (value !== null) known.set(node, value);
    }
  }
  return null;
};

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

const keepEdges = (block: Block, keep: readonly boolean[]): void => {
  block.predecessors = block.predecessors.filter((_, edge) => keep[edge]);
  for (const node of block.nodes) if (node.op === "phi") node.args = node.args.filter((_, edge) => keep[edge]);
};

/** Takes a block that nothing leads to any more out of its successors' lists. */
const detach = (block: Block): void => {
  for (const successor of block.successors) dropEdge(block, successor);
};
