/**
 * Lets a computation use the result of an equal one that every path to it has passed. Down the dominator tree, with a
 * table whose entries are taken back on the way up.
 *
 * Bounds that the verifier learned between the two belong to the second: it goes only where the first is known as well,
 * and sums that may be pointers only within a block.
 */
import { dominators } from "../../ssa/dominators.ts";
import { IdMap, IdSet } from "../../ssa/by-id.ts";
import type { Block, Node, Op, SsaFunction } from "../../ssa/ir.ts";
import { Replacements } from "./replacements.ts";

export const numberValues = (fn: SsaFunction): void => {
  const tree = dominators(fn.entry);
  const replacements = new Replacements();
  const known = new Map<string, Node>();
  const names = new IdMap<Node, string>();
  const undo: { key: string; before: Node | undefined }[] = [];
  const marks: { block: Block; length: number }[] = [];
  const gone = new IdSet<Node>();
  for (const block of tree.preorder) {
    // What the blocks computed that do not dominate this one is forgotten.
    while (marks.length > 0 && !tree.dominates(marks.at(-1)!.block, block)) {
      const { length } = marks.pop()!;
      while (undo.length > length) {
        const { key, before } = undo.pop()!;
        if (before === undefined) known.delete(key);
        else known.set(key, before);
      }
    }
    marks.push({ block, length: undo.length });
    for (const node of block.nodes) {
      for (let i = 0; i < node.args.length; i++) node.args[i] = replacements.find(node.args[i]!);
      if (!isPure(node.op)) continue;
      const key = keyOf(node, names);
      const leader = known.get(key);
      if (leader !== undefined && canStandFor(leader, node)) {
        replacements.set(node, leader);
        gone.add(node);
      } else {
        undo.push({ key, before: leader });
        known.set(key, node);
      }
    }
  }
  if (replacements.isEmpty) return;
  for (const block of fn.blocks) {
    if (block.nodes.some((node) => gone.has(node))) block.nodes = block.nodes.filter((node) => !gone.has(node));
  }
  replacements.apply(fn);
};

const isPure = (op: Op): boolean => {
  switch (op) {
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "mod":
    case "and":
    case "or":
    case "xor":
    case "shl":
    case "shr":
    case "sar":
    case "neg":
    case "zext":
    case "sext":
    case "bswap":
      return true;
    default:
      return false;
  }
};

const keyOf = ({ op, width, args }: Node, names: IdMap<Node, string>): string => {
  const first = nameOf(args[0]!, names);
  if (args.length === 1) return `${op}.${width} ${first}`;
  const second = nameOf(args[1]!, names);
  const isCommutative = op === "add" || op === "mul" || op === "and" || op === "or" || op === "xor";
  return isCommutative && second < first ? `${op}.${width} ${second} ${first}` : `${op}.${width} ${first} ${second}`;
};

const nameOf = (node: Node, names: IdMap<Node, string>): string => {
  let name = names.get(node);
  if (name === undefined) names.set(node, (name = node.op === "const" ? `#${node.imm}` : `${node.id}`));
  return name;
};

const LOWEST = -(1n << 63n);
const HIGHEST = (1n << 63n) - 1n;

const canStandFor = (leader: Node, node: Node): boolean => {
  if (leader.low < node.low || leader.high > node.high) return false;
  if (leader.block === node.block) return true;
  const mayBePointer = (node.op === "add" || node.op === "sub") && node.low === LOWEST && node.high === HIGHEST;
  return !mayBePointer || node.args.some((arg) => arg.op === "const");
};
