/**
 * Immediate dominators of a control-flow graph, by Lengauer and Tarjan's algorithm with path compression
 * ("A Fast Algorithm for Finding Dominators in a Flowgraph", 1979): n log n also where hundreds of blocks share one exit.
 */
import { IdMap } from "./by-id.ts";
import type { Block } from "./ir.ts";

export interface DominatorTree {
  /** Reachable blocks, each after its immediate dominator. */
  readonly preorder: readonly Block[];
  /** Immediate dominator by block id; undefined for the entry and for what cannot be reached. */
  readonly parent: readonly (Block | undefined)[];
  /** Whether every path from the entry to `block` passes `by`; a block dominates itself. */
  readonly dominates: (by: Block, block: Block) => boolean;
}

export const dominators = (entry: Block): DominatorTree => {
  const search = depthFirst(entry);
  const idom = immediateDominators(search);
  const { blocks, number } = search;
  const parent: (Block | undefined)[] = [];
  // Of each its first child, and of that the next: from the back, so that they come in order.
  const child = new Int32Array(blocks.length).fill(-1);
  const sibling = new Int32Array(blocks.length).fill(-1);
  for (let v = blocks.length - 1; v > 0; v--) {
    sibling[v] = child[idom[v]!]!;
    child[idom[v]!] = v;
  }
  for (const { id } of blocks) while (parent.length <= id) parent.push(undefined);
  for (let v = 1; v < blocks.length; v++) parent[blocks[v]!.id] = blocks[idom[v]!]!;
  // Entry and exit times of a walk over the tree answer "dominates" with two comparisons.
  const enter = new Int32Array(blocks.length);
  const leave = new Int32Array(blocks.length);
  const preorder: Block[] = [];
  const stack = [0];
  let time = 0;
  enter[0] = time++;
  preorder.push(blocks[0]!);
  while (stack.length > 0) {
    const v = stack[stack.length - 1]!;
    const next = child[v]!;
    if (next === -1) {
      leave[v] = time++;
      stack.pop();
    } else {
      child[v] = sibling[next]!;
      enter[next] = time++;
      preorder.push(blocks[next]!);
      stack.push(next);
    }
  }
  const dominates = (by: Block, block: Block): boolean => {
    const a = number.get(by);
    const b = number.get(block);
    return a !== undefined && b !== undefined && enter[a]! <= enter[b]! && leave[a]! >= leave[b]!;
  };
  return { preorder, parent, dominates };
};

interface Search {
  /** In depth-first preorder. */
  readonly blocks: Block[];
  readonly number: IdMap<Block, number>;
  /** Parent in the depth-first tree. */
  readonly from: number[];
}

const depthFirst = (entry: Block): Search => {
  const blocks: Block[] = [];
  const number = new IdMap<Block, number>();
  const from: number[] = [];
  const stack = [entry];
  const stackFrom = [-1];
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    const before = stackFrom.pop()!;
    if (number.has(block)) continue;
    const index = blocks.length;
    number.set(block, index);
    blocks.push(block);
    from.push(before);
    for (let i = block.successors.length - 1; i >= 0; i--) {
      stack.push(block.successors[i]!);
      stackFrom.push(index);
    }
  }
  return { blocks, number, from };
};

const immediateDominators = ({ blocks, number, from }: Search): Int32Array => {
  const count = blocks.length;
  const semi = Int32Array.from({ length: count }, (_, i) => i);
  const label = Int32Array.from({ length: count }, (_, i) => i);
  const ancestor = new Int32Array(count).fill(-1);
  const idom = new Int32Array(count).fill(-1);
  /** Of each the first whose semidominator it is, and of that the next. */
  const bucket = new Int32Array(count).fill(-1);
  const next = new Int32Array(count).fill(-1);
  const path: number[] = [];

  const evaluate = (v: number): number => {
    if (ancestor[v] === -1) return v;
    for (let u = v; ancestor[ancestor[u]!]! !== -1; u = ancestor[u]!) path.push(u);
    for (let u = path.pop(); u !== undefined; u = path.pop()) {
      const above = ancestor[u]!;
      if (semi[label[above]!]! < semi[label[u]!]!) label[u] = label[above]!;
      ancestor[u] = ancestor[above]!;
    }
    return label[v]!;
  };

  for (let w = count - 1; w > 0; w--) {
    for (const predecessor of blocks[w]!.predecessors) {
      const v = number.get(predecessor);
      if (v === undefined) continue;
      const u = evaluate(v);
      if (semi[u]! < semi[w]!) semi[w] = semi[u]!;
    }
    next[w] = bucket[semi[w]!]!;
    bucket[semi[w]!] = w;
    const p = from[w]!;
    ancestor[w] = p;
    for (let v = bucket[p]!; v !== -1; v = next[v]!) {
      const u = evaluate(v);
      idom[v] = semi[u]! < semi[v]! ? u : p;
    }
    bucket[p] = -1;
  }
  for (let w = 1; w < count; w++) if (idom[w] !== semi[w]) idom[w] = idom[idom[w]!]!;
  return idom;
};
