/**
 * Repeats a short ending of the function for each constant that the ways into it bring along, where it asks for that
 * constant later: `count(outcome); if (outcome === Malformed) return Drop; return Pass`, after many ways that each know their
 * outcome. No way keeps its outcome in a register over the call then, nor asks for it, nor jumps to the others.
 */
import { Block, type Node, type SsaFunction } from "../../ssa/ir.ts";
import { type Range, union } from "../../ssa/range.ts";
import { copyNode } from "./copy-node.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";
import { simplifyPhis } from "./simplify-phis.ts";

/** Nodes of an ending, and of all its copies; constants and phis cost nothing. */
const LONGEST = 40;
const ALL_COPIES = 160;

export const repeatEndings = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const done = new Set<Block>();
  const copies: Block[] = [];
  for (const block of fn.blocks) {
    if (done.has(block) || block === fn.entry || block.nodes[0]?.op !== "phi") continue;
    const ending = endingFrom(block);
    if (ending === null) continue;
    const outcome = block.nodes.find((node) => node.op === "phi" && isAskedFor(node, ending.blocks));
    if (outcome === undefined) continue;
    for (const each of ending.blocks) done.add(each);
    const groups = groupsOf(outcome);
    // The ending itself serves those that bring no constant, or the last group.
    const isFree = groups.reduce((edges, group) => edges + group.length, 0) === block.predecessors.length;
    if (isFree) groups.pop();
    if (ending.nodes * groups.length > ALL_COPIES) continue;
    const moved = groups.map((edges) => ({ edges, predecessors: edges.map((edge) => block.predecessors[edge]!) }));
    for (const { edges, predecessors } of moved) copies.push(...copyEnding(ending.blocks, edges, predecessors, ids));
    const gone = new Set(groups.flat());
    const keep = (_: unknown, edge: number): boolean => !gone.has(edge);
    block.predecessors = block.predecessors.filter(keep);
    for (const phi of block.nodes) {
      if (phi.op !== "phi") break;
      phi.args = phi.args.filter(keep);
      narrow(phi);
    }
  }
  if (copies.length === 0) return;
  fn.blocks.push(...copies);
  simplifyPhis(fn);
};

interface Ending {
  /** The first leads to all others, and nothing else does. */
  readonly blocks: readonly Block[];
  readonly nodes: number;
}

/** What follows the block, up to the function's returns; null when that is long, goes round, or is entered elsewhere too. */
const endingFrom = (first: Block): Ending | null => {
  const blocks = [first];
  const found = new Set(blocks);
  let nodes = 0;
  for (const block of blocks) {
    for (const { op } of block.nodes) if (op !== "phi" && op !== "const") nodes++;
    if (nodes > LONGEST || block.loopDepth > 0) return null;
    for (const successor of block.successors) {
      if (successor === first) return null;
      if (found.has(successor)) continue;
      found.add(successor);
      blocks.push(successor);
    }
  }
  const isClosed = blocks.every((block) => block === first || block.predecessors.every((each) => found.has(each)));
  return isClosed && isAcyclic(first) ? { blocks, nodes } : null;
};

const isAcyclic = (first: Block): boolean => {
  const state = new Map<Block, "open" | "done">();
  const visit = (block: Block): boolean => {
    state.set(block, "open");
    for (const successor of block.successors) {
      const known = state.get(successor);
      if (known === "open" || (known === undefined && !visit(successor))) return false;
    }
    state.set(block, "done");
    return true;
  };
  return visit(first);
};

/** Whether a branch compares the phi with a constant, and some ways in know the answer. */
const isAskedFor = (phi: Node, blocks: readonly Block[]): boolean => {
  if (!phi.args.some(({ op }) => op === "const")) return false;
  return blocks.some(({ terminator }) => {
    if (terminator?.op !== "branch") return false;
    const [left, right] = terminator.args as [Node, Node];
    return (left === phi && right.op === "const") || (right === phi && left.op === "const");
  });
};

/** Edges that bring the same constant; not those of a branch both of whose sides come in here, which phis tell apart. */
const groupsOf = ({ block, args }: Node): number[][] => {
  const groups = new Map<bigint, number[]>();
  args.forEach((arg, edge) => {
    const from = block.predecessors[edge]!;
    if (arg.op !== "const" || from.successors[0] === from.successors[1]) return;
    const group = groups.get(arg.imm);
    if (group === undefined) groups.set(arg.imm, [edge]);
    else group.push(edge);
  });
  return [...groups.values()];
};

/** Fewer ways bring fewer values. */
const narrow = (phi: Node): void => {
  const [first, ...others] = phi.args as [Node, ...Node[]];
  const { low, high } = others.reduce<Range>(union, first);
  phi.low = low > phi.low ? low : phi.low;
  phi.high = high < phi.high ? high : phi.high;
};

/** The ending's blocks again, entered from `predecessors`, which had the edges into the first one. */
const copyEnding = (
  ending: readonly Block[],
  edges: readonly number[],
  predecessors: readonly Block[],
  ids: FreshIds,
): Block[] => {
  const [first] = ending as [Block];
  const blocks = new Map<Block, Block>(ending.map((block) => [block, new Block(ids.block())]));
  const values = new Map<Node, Node>();
  for (const [block, copy] of blocks) {
    for (const node of block.nodes) {
      const args = block === first && node.op === "phi" ? edges.map((edge) => node.args[edge]!) : [...node.args];
      const made = copyNode(node, ids.node(), args, copy);
      copy.nodes.push(made);
      values.set(node, made);
    }
    copy.successors = block.successors.map((successor) => blocks.get(successor)!);
    copy.predecessors =
      block === first ? [...predecessors] : block.predecessors.map((predecessor) => blocks.get(predecessor)!);
  }
  const copy = blocks.get(first)!;
  for (const node of [...blocks.values()].flatMap(({ nodes }) => nodes)) {
    const isEntry = node.op === "phi" && node.block === copy;
    if (!isEntry) node.args = node.args.map((arg) => values.get(arg) ?? arg);
  }
  for (const predecessor of predecessors) predecessor.successors[predecessor.successors.indexOf(first)] = copy;
  return [...blocks.values()];
};
