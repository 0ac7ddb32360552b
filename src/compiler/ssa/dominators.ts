/**
 * Immediate dominators of a control-flow graph, by Lengauer and Tarjan's algorithm with path compression
 * ("A Fast Algorithm for Finding Dominators in a Flowgraph", 1979): n log n also where hundreds of blocks share one exit.
 */
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
  const children: number[][] = blocks.map(() => []);
  for (let v = 1; v < blocks.length; v++) {
    parent[blocks[v]!.id] = blocks[idom[v]!]!;
    children[idom[v]!]!.push(v);
  }
  // Entry and exit times of a walk over the tree answer "dominates" with two comparisons.
  const enter = new Int32Array(blocks.length);
  const leave = new Int32Array(blocks.length);
  const preorder: Block[] = [];
  const next = new Int32Array(blocks.length);
  const stack = [0];
  let time = 0;
  enter[0] = time++;
  preorder.push(blocks[0]!);
  while (stack.length > 0) {
    const v = stack[stack.length - 1]!;
    const child = children[v]![next[v]!++];
    if (child === undefined) {
      leave[v] = time++;
      stack.pop();
    } else {
      enter[child] = time++;
      preorder.push(blocks[child]!);
      stack.push(child);
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
  readonly number: Map<Block, number>;
  /** Parent in the depth-first tree. */
  readonly from: number[];
}

const depthFirst = (entry: Block): Search => {
  const blocks: Block[] = [];
  const number = new Map<Block, number>();
  const from: number[] = [];
  const stack: { block: Block; from: number }[] = [{ block: entry, from: -1 }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (number.has(at.block)) continue;
    const index = blocks.length;
    number.set(at.block, index);
    blocks.push(at.block);
    from.push(at.from);
    for (let i = at.block.successors.length - 1; i >= 0; i--)
      stack.push({ block: at.block.successors[i]!, from: index });
  }
  return { blocks, number, from };
};

const immediateDominators = ({ blocks, number, from }: Search): Int32Array => {
  const count = blocks.length;
  const semi = Int32Array.from({ length: count }, (_, i) => i);
  const label = Int32Array.from({ length: count }, (_, i) => i);
  const ancestor = new Int32Array(count).fill(-1);
  const idom = new Int32Array(count).fill(-1);
  const bucket: number[][] = blocks.map(() => []);
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
    bucket[semi[w]!]!.push(w);
    const p = from[w]!;
    ancestor[w] = p;
    for (const v of bucket[p]!) {
      const u = evaluate(v);
      idom[v] = semi[u]! < semi[v]! ? u : p;
    }
    bucket[p] = [];
  }
  for (let w = 1; w < count; w++) if (idom[w] !== semi[w]) idom[w] = idom[idom[w]!]!;
  return idom;
};
