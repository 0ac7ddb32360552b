/** How often each block runs per run of the function: a guess, from loops and from what branches ask. */
import type { Block, Node } from "../ssa/ir.ts";
import type { Loops } from "./find-loops.ts";

/** How often a loop is thought to run its body each time it is entered. */
const LOOP_RUNS = 8;
/** The chance that a branch leaves for a block that only returns, or that an access is out of bounds. */
const EARLY_EXIT = 0.05;
/** The chance that a pointer is null. */
const NULL = 0.2;
const MOST = 1e9;

/** By block id. `blocks` have definitions before uses; `cold` says by id which only return. */
export const estimateFrequency = (
  blocks: readonly Block[],
  { innermost }: Loops,
  cold: readonly (boolean | undefined)[],
): number[] => {
  const frequency: number[] = [];
  const done: boolean[] = [];
  frequency[blocks[0]!.id] = 1;
  for (const block of blocks) {
    const { id, successors } = block;
    const loop = innermost[id];
    done[id] = true;
    const own = (frequency[id] ?? 0) * (loop?.header === block ? LOOP_RUNS : 1);
    frequency[id] = own;
    const taken = successors.length === 2 ? chanceOfTaken(block, cold) : 1;
    for (let i = 0; i < successors.length; i++) {
      const successor = successors[i]!;
      if (done[successor.id] === true) continue;
      let share = i === 0 ? taken : 1 - taken;
      for (let left = loop ?? null; left !== null && !left.blocks.has(successor); left = left.parent)
        share /= LOOP_RUNS;
      frequency[successor.id] = Math.min((frequency[successor.id] ?? 0) + own * share, MOST);
    }
  }
  return frequency;
};

/** How likely a branch is taken, by where it leads and what it asks. */
const chanceOfTaken = (block: Block, cold: readonly (boolean | undefined)[]): number => {
  const [a, b] = block.successors as [Block, Block];
  const isFirstCold = cold[a.id] === true;
  if (isFirstCold !== (cold[b.id] === true)) return isFirstCold ? EARLY_EXIT : 1 - EARLY_EXIT;
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
