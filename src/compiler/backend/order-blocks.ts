/**
 * Puts blocks in the order in which registers are allocated and code is laid out: definitions before uses (back edges
 * aside), every loop in one piece, of two ways on from a branch the longer one first, early exits at the end.
 */
import type { Block, SsaFunction } from "../ssa/ir.ts";
import { estimateFrequency } from "./estimate-frequency.ts";
import { findLoops, type Loop, type Loops } from "./find-loops.ts";

export interface BlockOrder {
  readonly blocks: readonly Block[];
  readonly loops: Loops;
  /** Estimated runs of a block per run of the function, by block id. */
  readonly frequency: readonly number[];
}

export const orderBlocks = (fn: SsaFunction): BlockOrder => {
  const loops = findLoops(fn.entry);
  const length = lengths(fn.entry);
  const natural = reversePostorder(fn.entry, loops, length);
  const connected = loops.all.length === 0 ? natural : keepLoopsTogether(natural, loops);
  const cold = coldBlocks(connected);
  const blocks = [...connected.filter(({ id }) => !cold[id]), ...connected.filter(({ id }) => cold[id])];
  return { blocks, loops, frequency: estimateFrequency(connected, loops, { cold, length }) };
};

/** Reverse postorder in which the longer way on from a branch comes next, and ways out of a loop after the loop. */
const reversePostorder = (entry: Block, { innermost }: Loops, length: readonly number[]): Block[] => {
  const depth = ({ id }: Block): number => innermost[id]?.depth ?? 0;
  // What is visited last is placed first.
  const successors = (block: Block): readonly Block[] => {
    const [a, b] = block.successors;
    if (a === undefined || b === undefined) return block.successors;
    const later = depth(a) !== depth(b) ? depth(a) - depth(b) : length[a.id]! - length[b.id]!;
    return later > 0 ? [b, a] : [a, b];
  };
  return postorder(entry, successors).reverse();
};

/** Nodes on the longest way to the end, by block id. */
const lengths = (entry: Block): number[] => {
  const length: number[] = [];
  for (const { id, successors, nodes } of postorder(entry, (of) => of.successors)) {
    let rest = 0;
    for (const successor of successors) rest = Math.max(rest, length[successor.id] ?? 0);
    length[id] = rest + nodes.length;
  }
  return length;
};

const postorder = (entry: Block, successors: (block: Block) => readonly Block[]): Block[] => {
  const order: Block[] = [];
  const seen: boolean[] = [];
  const path = [entry];
  const targets = [successors(entry)];
  const next = [0];
  seen[entry.id] = true;
  while (path.length > 0) {
    const top = path.length - 1;
    const target = targets[top]![next[top]!++];
    if (target === undefined) {
      order.push(path.pop()!);
      targets.pop();
      next.pop();
    } else if (seen[target.id] !== true) {
      seen[target.id] = true;
      path.push(target);
      targets.push(successors(target));
      next.push(0);
    }
  }
  return order;
};

const keepLoopsTogether = (blocks: readonly Block[], { innermost }: Loops): Block[] => {
  // Each loop collects its blocks and inner loops in order; the outside is the loop `null`.
  type Item = Block | Loop;
  const members = new Map<Loop | null, Item[]>([[null, []]]);
  for (const block of blocks) {
    const loop = innermost[block.id] ?? null;
    if (loop !== null && loop.header === block) {
      members.set(loop, []);
      members.get(loop.parent)!.push(loop);
    }
    members.get(loop)!.push(block);
  }
  const order: Block[] = [];
  const stack: Item[] = members.get(null)!.toReversed();
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if ("nodes" in item) order.push(item);
    else stack.push(...members.get(item)!.toReversed());
  }
  return order;
};

/** By block id: blocks that only return, and those that only lead to them. */
const coldBlocks = (blocks: readonly Block[]): boolean[] => {
  const cold: boolean[] = [];
  for (const { id, predecessors, nodes } of blocks) {
    if (nodes.at(-1)!.op !== "return" || predecessors.length === 0) continue;
    cold[id] = nodes.every(({ op }) => op === "const" || op === "return");
  }
  for (const { id, nodes, successors } of blocks) {
    if (nodes.length === 1 && nodes[0]!.op === "jump" && cold[successors[0]!.id] === true) cold[id] = true;
  }
  return cold;
};
