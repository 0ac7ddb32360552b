/** Checks that a function is well-formed SSA. For tests, and for finding the pass that broke it. */
import { HopmarkError } from "../../errors.ts";
import { dominators } from "./dominators.ts";
import type { Block, Node, Op, SsaFunction } from "./ir.ts";

/** Throws `invalid-ssa` with everything that is wrong. */
export const verify = (fn: SsaFunction): void => {
  const faults = faultsOf(fn);
  if (faults.length > 0) throw new HopmarkError("invalid-ssa", `${fn.name}: ${faults.join("; ")}`);
};

const faultsOf = (fn: SsaFunction): string[] => {
  const faults: string[] = [];
  const blocks = new Set(fn.blocks);
  if (fn.blocks[0] !== fn.entry) faults.push("the first block is not the entry");
  if (fn.entry.predecessors.length > 0) faults.push("the entry has predecessors");
  if (blocks.size !== fn.blocks.length) faults.push("a block is listed twice");
  const ids = new Set<number>();
  const place = new Map<Node, number>();
  for (const block of fn.blocks) {
    for (const node of block.nodes) {
      if (ids.has(node.id)) faults.push(`%${node.id} is defined twice`);
      ids.add(node.id);
      place.set(node, place.size);
    }
  }
  for (const block of fn.blocks) faults.push(...edgeFaults(block, blocks), ...shapeFaults(block));
  if (faults.length > 0) return faults;

  const tree = dominators(fn.entry);
  const reachable = new Set(tree.preorder);
  for (const block of fn.blocks) {
    if (!reachable.has(block)) continue;
    for (const node of block.nodes) {
      node.args.forEach((arg, i) => {
        if (!place.has(arg)) {
          faults.push(`%${node.id} uses %${arg.id}, which is in no block`);
          return;
        }
        const from = node.op === "phi" ? block.predecessors[i]! : block;
        const isBefore =
          arg.block === from && node.op !== "phi"
            ? place.get(arg)! < place.get(node)!
            : tree.dominates(arg.block, from);
        if (!isBefore && reachable.has(from)) faults.push(`%${node.id} uses %${arg.id}, which does not dominate it`);
      });
    }
  }
  return faults;
};

const edgeFaults = (block: Block, blocks: ReadonlySet<Block>): string[] => {
  const faults: string[] = [];
  const count = (list: readonly Block[], of: Block): number => list.filter((each) => each === of).length;
  for (const successor of new Set(block.successors)) {
    if (!blocks.has(successor)) faults.push(`block ${block.id} leads to ${successor.id}, which is not in the function`);
    else if (count(block.successors, successor) !== count(successor.predecessors, block)) {
      faults.push(`blocks ${block.id} and ${successor.id} disagree about the edge between them`);
    }
  }
  for (const predecessor of new Set(block.predecessors)) {
    if (!blocks.has(predecessor) || !predecessor.successors.includes(block)) {
      faults.push(`block ${block.id} names ${predecessor.id} as a predecessor, which does not lead to it`);
    }
  }
  return faults;
};

const successorsOf: Partial<Record<Op, number>> = { jump: 1, branch: 2, return: 0 };

const shapeFaults = (block: Block): string[] => {
  const faults: string[] = [];
  const last = block.terminator;
  if (last === undefined || !(last.op in successorsOf)) faults.push(`block ${block.id} has no terminator`);
  else if (block.successors.length !== successorsOf[last.op]) {
    faults.push(`block ${block.id} ends with ${last.op} and has ${block.successors.length} successors`);
  }
  let phis = true;
  for (const node of block.nodes) {
    if (node.block !== block) faults.push(`%${node.id} thinks it is in block ${node.block.id}, not ${block.id}`);
    if (node !== last && node.op in successorsOf)
      faults.push(`%${node.id} (${node.op}) is not last in block ${block.id}`);
    if (node.op !== "phi") phis = false;
    else if (!phis) faults.push(`phi %${node.id} comes after other nodes`);
    const arity = arityOf(node);
    if (arity !== null && (node.args.length < arity[0] || node.args.length > arity[1])) {
      faults.push(`%${node.id} (${node.op}) has ${node.args.length} arguments`);
    }
    if (needsMore(node)) faults.push(`%${node.id} (${node.op}) lacks its ${needsMore(node)}`);
  }
  return faults;
};

/** Least and most arguments. */
const arityOf = (node: Node): readonly [number, number] | null => {
  switch (node.op) {
    case "const":
    case "context":
    case "argument":
    case "map":
    case "mapValue":
    case "stack":
    case "jump":
      return [0, 0];
    case "phi":
      return [node.block.predecessors.length, node.block.predecessors.length];
    case "neg":
    case "zext":
    case "sext":
    case "bswap":
    case "load":
    case "pin":
    case "return":
      return [1, 1];
    case "atomic":
      return node.atomic === "compare_exchange" ? [3, 3] : [2, 2];
    case "call":
    case "kfunc":
    case "invoke":
      return [0, 5];
    default:
      return [2, 2];
  }
};

const needsMore = (node: Node): string | null => {
  if ((node.op === "map" || node.op === "mapValue") && node.map === null) return "map";
  if (node.op === "stack" && node.slot === null) return "slot";
  if (node.op === "kfunc" && node.name === "") return "name";
  if (node.op === "invoke" && node.callee === null) return "callee";
  return null;
};
