/** Replaces `x != 0 ? 1 : 0`, a phi of two constants, by `x`, and `x != 0 ? 0 : 1` by `x ^ 1`, where x is 0 or 1. */
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";
import { Replacements } from "./replacements.ts";

export const simplifyFlags = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const replacements = new Replacements();
  const added: Node[] = [];
  for (const block of fn.blocks) {
    if (block.predecessors.length !== 2 || block.nodes[0]?.op !== "phi") continue;
    const test = testBefore(block);
    if (test === null) continue;
    const made: Node[] = [];
    block.nodes = block.nodes.filter((node) => {
      if (node.op !== "phi") return true;
      const [ifZero, ifOne] = [node.args[test.zeroEdge]!, node.args[1 - test.zeroEdge]!];
      if (ifZero.op !== "const" || ifOne.op !== "const") return true;
      if (ifZero.imm === 0n && ifOne.imm === 1n) {
        replacements.set(node, test.flag);
      } else if (ifZero.imm === 1n && ifOne.imm === 0n) {
        made.push(opposite(test.flag, block, ids, added, fn));
        replacements.set(node, made.at(-1)!);
      } else {
        return true;
      }
      return false;
    });
    const firstPlain = block.nodes.findIndex(({ op }) => op !== "phi");
    block.nodes.splice(firstPlain, 0, ...made);
  }
  fn.entry.nodes.unshift(...added);
  if (!replacements.isEmpty) replacements.apply(fn);
};

/** The flag that one branch tests before both edges into the block, and the edge on which it is 0. */
const testBefore = (block: Block): { flag: Node; zeroEdge: 0 | 1 } | null => {
  const [first, second] = block.predecessors as [Block, Block];
  const from = first === second ? null : (branchBefore(first, block) ?? branchBefore(second, block));
  if (from === null) return null;
  const last = from.terminator;
  if (last?.op !== "branch") return null;
  const [flag, constant] = last.args as [Node, Node];
  if (flag.low < 0n || flag.high > 1n || constant.op !== "const" || constant.imm > 1n || constant.imm < 0n) return null;
  if (last.condition !== "eq" && last.condition !== "ne") return null;
  const isZeroWhenTaken = (last.condition === "eq") === (constant.imm === 0n);
  const way = from.successors[isZeroWhenTaken ? 0 : 1]!;
  const other = from.successors[isZeroWhenTaken ? 1 : 0]!;
  const edgeOf = (target: Block): number =>
    target === block
      ? block.predecessors.indexOf(from)
      : isPassage(target, from, block)
        ? block.predecessors.indexOf(target)
        : -1;
  const [zeroEdge, oneEdge] = [edgeOf(way), edgeOf(other)];
  if (zeroEdge < 0 || oneEdge < 0 || zeroEdge === oneEdge) return null;
  return { flag, zeroEdge: zeroEdge === 0 ? 0 : 1 };
};

/** The block whose branch leads to `to` by way of `block`: its only predecessor, or itself. */
const branchBefore = (block: Block, to: Block): Block | null => {
  if (block.successors.length === 2) return block;
  return block.predecessors.length === 1 && isPassage(block, block.predecessors[0]!, to)
    ? block.predecessors[0]!
    : null;
};

const isPassage = (block: Block, from: Block, to: Block): boolean =>
  block.nodes.length === 1 &&
  block.successors[0] === to &&
  block.predecessors.length === 1 &&
  block.predecessors[0] === from;

const opposite = (flag: Node, block: Block, ids: FreshIds, added: Node[], fn: SsaFunction): Node => {
  const one = new Node(ids.node(), "const", [], fn.entry, null);
  Object.assign(one, { imm: 1n, low: 1n, high: 1n });
  added.push(one);
  const node = new Node(ids.node(), "xor", [flag, one], block, flag.position);
  return Object.assign(node, { low: 0n, high: 1n });
};
