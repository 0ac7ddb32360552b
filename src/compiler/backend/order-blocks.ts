/**
 * Puts blocks in the order in which registers are allocated and code is laid out: definitions before uses (back edges
 * aside), every loop in one piece, of two ways on from a branch the longer one first, early exits at the end.
 */
import type { Block, Node, SsaFunction } from "../ssa/ir.ts";
import { dominators } from "../ssa/dominators.ts";

export interface Loop {
  readonly header: Block;
  parent: Loop | null;
  /** 1 for an outermost loop. */
  depth: number;
  readonly blocks: Set<Block>;
}

export interface BlockOrder {
  readonly blocks: readonly Block[];
  readonly loops: readonly Loop[];
  /** The innermost loop around a block. */
  readonly loopOf: ReadonlyMap<Block, Loop>;
  /** Estimated runs of a block per run of the function. */
  readonly frequency: ReadonlyMap<Block, number>;
}

/** How often a loop is thought to run its body each time it is entered. */
const LOOP_RUNS = 8;
/** The chance that a branch leaves for a block that only returns, or that an access is out of bounds. */
const EARLY_EXIT = 0.05;
/** The chance that a pointer is null. */
const NULL = 0.2;

export const orderBlocks = (fn: SsaFunction): BlockOrder => {
  const { loops, loopOf } = findLoops(fn.entry);
  const natural = reversePostorder(fn.entry, loopOf);
  const connected = keepLoopsTogether(natural, loopOf);
  const cold = coldBlocks(connected);
  const blocks = [...connected.filter((block) => !cold.has(block)), ...connected.filter((block) => cold.has(block))];
  return { blocks, loops, loopOf, frequency: estimateFrequency(connected, loopOf, cold) };
};

/** Natural loops; those with one header are one loop. */
const findLoops = (entry: Block): { loops: Loop[]; loopOf: Map<Block, Loop> } => {
  const tree = dominators(entry);
  const loops: Loop[] = [];
  const loopOf = new Map<Block, Loop>();
  // Inner headers come after outer ones in the preorder: going backwards, inner loops are found first.
  for (let i = tree.preorder.length - 1; i >= 0; i--) {
    const header = tree.preorder[i]!;
    const latches = header.predecessors.filter((block) => tree.dominates(header, block));
    if (latches.length === 0) continue;
    const loop: Loop = { header, parent: null, depth: 1, blocks: new Set([header]) };
    const stack = [...latches];
    for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
      if (loop.blocks.has(block)) continue;
      loop.blocks.add(block);
      if (!loopOf.has(block)) loopOf.set(block, loop);
      else outermost(loopOf.get(block)!, loop).parent ??= loop;
      for (const predecessor of block.predecessors) stack.push(predecessor);
    }
    if (!loopOf.has(header)) loopOf.set(header, loop);
    loops.push(loop);
  }
  loops.reverse();
  for (const loop of loops) loop.depth = loop.parent === null ? 1 : loop.parent.depth + 1;
  return { loops, loopOf };
};

const outermost = (inner: Loop, except: Loop): Loop => {
  let loop = inner;
  while (loop.parent !== null && loop.parent !== except) loop = loop.parent;
  return loop === except ? inner : loop;
};

/** Reverse postorder in which the longer way on from a branch comes next, and ways out of a loop after the loop. */
const reversePostorder = (entry: Block, loopOf: ReadonlyMap<Block, Loop>): Block[] => {
  const length = new Map<Block, number>();
  for (const block of postorder(entry, (of) => of.successors)) {
    let rest = 0;
    for (const successor of block.successors) rest = Math.max(rest, length.get(successor) ?? 0);
    length.set(block, rest + block.nodes.length);
  }
  const depth = (block: Block): number => loopOf.get(block)?.depth ?? 0;
  // What is visited last is placed first.
  const successors = (block: Block): readonly Block[] => {
    const [a, b] = block.successors;
    if (a === undefined || b === undefined) return block.successors;
    const later = depth(a) !== depth(b) ? depth(a) - depth(b) : length.get(a)! - length.get(b)!;
    return later > 0 ? [b, a] : [a, b];
  };
  return postorder(entry, successors).reverse();
};

const postorder = (entry: Block, successors: (block: Block) => readonly Block[]): Block[] => {
  const order: Block[] = [];
  const seen = new Set([entry]);
  const stack = [{ block: entry, targets: successors(entry), next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const target = top.targets[top.next++];
    if (target === undefined) {
      order.push(top.block);
      stack.pop();
    } else if (!seen.has(target)) {
      seen.add(target);
      stack.push({ block: target, targets: successors(target), next: 0 });
    }
  }
  return order;
};

const keepLoopsTogether = (blocks: readonly Block[], loopOf: ReadonlyMap<Block, Loop>): Block[] => {
  // Each loop collects its blocks and inner loops in order; the outside is the loop `null`.
  type Item = Block | Loop;
  const members = new Map<Loop | null, Item[]>([[null, []]]);
  for (const block of blocks) {
    const loop = loopOf.get(block) ?? null;
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

/** Blocks that only return, and those that only they lead to or that lead only to them. */
const coldBlocks = (blocks: readonly Block[]): Set<Block> => {
  const cold = new Set<Block>();
  for (const block of blocks) {
    const returns =
      block.terminator?.op === "return" && block.nodes.every((node) => node.op === "const" || node.op === "return");
    if (returns && block.predecessors.length > 0) cold.add(block);
  }
  for (const block of blocks) {
    const onlyJump = block.nodes.length === 1 && block.terminator?.op === "jump";
    if (onlyJump && cold.has(block.successors[0]!)) cold.add(block);
  }
  return cold;
};

const estimateFrequency = (
  blocks: readonly Block[],
  loopOf: ReadonlyMap<Block, Loop>,
  cold: ReadonlySet<Block>,
): Map<Block, number> => {
  const frequency = new Map<Block, number>([[blocks[0]!, 1]]);
  const done = new Set<Block>();
  for (const block of blocks) {
    done.add(block);
    const own = (frequency.get(block) ?? 0) * (loopOf.get(block)?.header === block ? LOOP_RUNS : 1);
    frequency.set(block, own);
    const taken = block.successors.length === 2 ? chanceOfTaken(block, cold) : 1;
    for (let i = 0; i < block.successors.length; i++) {
      const successor = block.successors[i]!;
      if (done.has(successor)) continue;
      let share = i === 0 ? taken : 1 - taken;
      for (let loop = loopOf.get(block) ?? null; loop !== null && !loop.blocks.has(successor); loop = loop.parent) {
        share /= LOOP_RUNS;
      }
      frequency.set(successor, Math.min((frequency.get(successor) ?? 0) + own * share, 1e9));
    }
  }
  return frequency;
};

/** How likely a branch is taken, by where it leads and what it asks. */
const chanceOfTaken = (block: Block, cold: ReadonlySet<Block>): number => {
  const [a, b] = block.successors as [Block, Block];
  if (cold.has(a) !== cold.has(b)) return cold.has(a) ? EARLY_EXIT : 1 - EARLY_EXIT;
  const { condition, args, width } = block.terminator!;
  const [left, right] = args as [Node, Node];
  if (width === 32 || !isUnbounded(left)) return 0.5;
  if (right.op === "const") {
    if (right.imm !== 0n || left.op !== "call") return 0.5;
    return condition === "eq" ? NULL : condition === "ne" ? 1 - NULL : 0.5;
  }
  // Two addresses: what a packet's bytes are checked with.
  if (!isUnbounded(right)) return 0.5;
  if (condition === "gt" || condition === "ge") return EARLY_EXIT;
  return condition === "lt" || condition === "le" ? 1 - EARLY_EXIT : 0.5;
};

const isUnbounded = ({ low, high }: Node): boolean => low === -(1n << 63n) && high === (1n << 63n) - 1n;
