/** The natural loops of a control-flow graph, nested. */
import { dominators } from "../ssa/dominators.ts";
import type { Block } from "../ssa/ir.ts";

export interface Loop {
  readonly header: Block;
  parent: Loop | null;
  /** 1 for an outermost loop. */
  depth: number;
  readonly blocks: ReadonlySet<Block>;
}

export interface Loops {
  /** Outer loops before inner ones. */
  readonly all: readonly Loop[];
  /** The innermost loop around a block, by block id. */
  readonly innermost: readonly (Loop | undefined)[];
}

/** Loops with one header count as one. */
export const findLoops = (entry: Block): Loops => {
  if (!hasCycle(entry)) return { all: [], innermost: [] };
  const tree = dominators(entry);
  const all: Loop[] = [];
  const innermost: (Loop | undefined)[] = [];
  // Inner headers come after outer ones in the preorder: going backwards, inner loops are found first.
  for (let i = tree.preorder.length - 1; i >= 0; i--) {
    const header = tree.preorder[i]!;
    const latches = header.predecessors.filter((block) => tree.dominates(header, block));
    if (latches.length === 0) continue;
    const blocks = new Set([header]);
    const loop: Loop = { header, parent: null, depth: 1, blocks };
    const stack = [...latches];
    for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
      if (blocks.has(block)) continue;
      blocks.add(block);
      const inner = innermost[block.id];
      if (inner === undefined) innermost[block.id] = loop;
      else outermost(inner, loop).parent ??= loop;
      stack.push(...block.predecessors);
    }
    innermost[header.id] ??= loop;
    all.push(loop);
  }
  all.reverse();
  for (const loop of all) loop.depth = loop.parent === null ? 1 : loop.parent.depth + 1;
  return { all, innermost };
};

/** The outermost loop known so far around `inner`, below `except`. */
const outermost = (inner: Loop, except: Loop): Loop => {
  let loop = inner;
  while (loop.parent !== null && loop.parent !== except) loop = loop.parent;
  return loop;
};

/** Most functions have no loop, and then nobody needs to know who dominates whom. */
const hasCycle = (entry: Block): boolean => {
  const OPEN = 1;
  const DONE = 2;
  const state: number[] = [];
  const path = [entry];
  const next = [0];
  state[entry.id] = OPEN;
  while (path.length > 0) {
    const block = path.at(-1)!;
    const target = block.successors[next[path.length - 1]!++];
    if (target === undefined) {
      state[block.id] = DONE;
      path.pop();
      next.pop();
    } else if (state[target.id] === OPEN) {
      return true;
    } else if (state[target.id] === undefined) {
      state[target.id] = OPEN;
      path.push(target);
      next.push(0);
    }
  }
  return false;
};
