/**
 * Gives each constant that branches return one block that does, and lets blocks that only jump to a return return
 * themselves: a jump less, and no moves into a phi on the way.
 */
import { Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";

export const shareReturns = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const shared = new Map<bigint, Block>();
  const exits = fn.blocks.filter(isReturn);
  for (const exit of exits) distribute(exit, shared, fn, ids);
  fn.blocks = fn.blocks.filter((block) => block === fn.entry || block.predecessors.length > 0);
};

/** Only a return, of a constant or of the block's only phi. */
const isReturn = (block: Block): boolean => {
  const last = block.terminator;
  if (last?.op !== "return" || block.predecessors.length === 0) return false;
  const value = last.args[0]!;
  return block.nodes.every((node) => node === last || node.op === "const" || (node.op === "phi" && node === value));
};

const distribute = (exit: Block, shared: Map<bigint, Block>, fn: SsaFunction, ids: FreshIds): void => {
  const last = exit.terminator!;
  const result = last.args[0]!;
  const isPhi = result.op === "phi" && result.block === exit;
  if (!isPhi && result.op !== "const") return;
  const kept: { predecessor: Block; arg: Node }[] = [];
  exit.predecessors.forEach((predecessor, edge) => {
    const arg = isPhi ? result.args[edge]! : result;
    if (predecessor.successors.length === 1) {
      const jump = predecessor.nodes.pop()!;
      const value = arg.op === "const" ? constant(predecessor, arg, ids) : arg;
      predecessor.nodes.push(new Node(ids.node(), "return", [value], predecessor, last.position ?? jump.position));
      predecessor.successors = [];
    } else if (arg.op === "const") {
      const target = shared.get(arg.imm) ?? returnBlock(arg, last, fn, ids);
      shared.set(arg.imm, target);
      predecessor.successors[predecessor.successors.indexOf(exit)] = target;
      target.predecessors.push(predecessor);
    } else {
      kept.push({ predecessor, arg });
    }
  });
  exit.predecessors = kept.map(({ predecessor }) => predecessor);
  if (isPhi) result.args = kept.map(({ arg }) => arg);
};

const returnBlock = (value: Node, like: Node, fn: SsaFunction, ids: FreshIds): Block => {
  const block = new Block(ids.block());
  block.nodes.push(new Node(ids.node(), "return", [constant(block, value, ids)], block, like.position));
  fn.blocks.push(block);
  return block;
};

const constant = (block: Block, like: Node, ids: FreshIds): Node => {
  const node = new Node(ids.node(), "const", [], block, like.position);
  node.imm = like.imm;
  node.low = like.imm;
  node.high = like.imm;
  block.nodes.push(node);
  return node;
};
