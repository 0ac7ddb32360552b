/** How often each block runs per run of the function: a guess, from loops and from what branches ask. */
import type { Block, Node } from "../ssa/ir.ts";
import type { Loops } from "./find-loops.ts";

/** How often a loop is thought to run its body each time it is entered. */
const LOOP_RUNS = 8;
/** The chance that a branch leaves for a block that only returns, or that an access is out of bounds. */
const EARLY_EXIT = 0.05;
/** The chance that a pointer is null. */
const NULL = 0.2;
/** The chance of a way that is over in less than half the nodes of the other: most packets are not refused. */
const SHORT = 0.3;
/** The chance of the first of two constants that a value is compared with: what is likely is asked first. */
const FIRST_OF_TWO = 0.55;
/** Tests in a row that are counted. */
const ROW = 4;
const MOST = 1e9;
/**
 * Helpers that return an address or null: bpf_map_lookup_elem, bpf_sk_fullsock, bpf_sk_storage_get, bpf_ringbuf_reserve. Others
 * return 0 when they did what was asked.
 */
const ADDRESSES: ReadonlySet<bigint> = new Set([1n, 95n, 107n, 131n]);

/** What is known of blocks, by their ids. */
export interface Ways {
  /** Those that only return, or lead to such. */
  readonly cold: readonly (boolean | undefined)[];
  /** Nodes on the longest way to the end. */
  readonly length: readonly number[];
}

/** By block id. `blocks` have definitions before uses. */
export const estimateFrequency = (blocks: readonly Block[], { innermost }: Loops, ways: Ways): number[] => {
  const frequency: number[] = [];
  const done: boolean[] = [];
  frequency[blocks[0]!.id] = 1;
  for (const block of blocks) {
    const { id, successors } = block;
    const loop = innermost[id];
    done[id] = true;
    const own = (frequency[id] ?? 0) * (loop?.header === block ? LOOP_RUNS : 1);
    frequency[id] = own;
    const taken = successors.length === 2 ? chanceOfTaken(block, ways) : 1;
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
const chanceOfTaken = (block: Block, { cold, length }: Ways): number => {
  const [a, b] = block.successors as [Block, Block];
  const isFirstCold = cold[a.id] === true;
  if (isFirstCold !== (cold[b.id] === true)) return isFirstCold ? EARLY_EXIT : 1 - EARLY_EXIT;
  const { condition, args } = block.terminator!;
  const [, right] = args as [Node, Node];
  const known = chanceOfPointer(block.terminator!);
  if (known !== null) return known;
  const [first, second] = [length[a.id]!, length[b.id]!];
  if (2 * first < second) return SHORT;
  if (2 * second < first) return 1 - SHORT;
  if (right.op !== "const") return 0.5;
  if (isSearch(block)) return 1 - FIRST_OF_TWO;
  if (condition !== "eq" && condition !== "ne") return 0.5;
  const equal = chanceOfEqual(block, length);
  return condition === "eq" ? equal : 1 - equal;
};

/**
 * Of a value that is compared with many constants in a row all are equally likely, and so is the rest unless that is short;
 * of two the first is the likelier.
 */
const chanceOfEqual = (block: Block, length: readonly number[]): number => {
  const [value] = block.terminator!.args;
  const isSame = ({ op, condition, args }: Node): boolean =>
    op === "branch" && (condition === "eq" || condition === "ne") && args[0] === value && args[1]!.op === "const";
  let tests = 0;
  let longest = 0;
  let at = block;
  for (; tests < ROW && isSame(at.terminator!); tests++) {
    const [taken, not] = at.successors as [Block, Block];
    const isEqual = at.terminator!.condition === "eq";
    longest = Math.max(longest, length[(isEqual ? taken : not).id]!);
    at = isEqual ? not : taken;
    // An edge that has been split.
    if (at.nodes.length === 1 && at.successors.length === 1) at = at.successors[0]!;
  }
  if (tests === 2) return FIRST_OF_TWO;
  const isRestShort = 2 * length[at.id]! < longest;
  return 1 / (tests + (isRestShort ? 0 : 1));
};

/** Asks on which side of a constant the value is that is compared on both sides: `balanceTests` has put the likelier one second. */
const isSearch = ({ terminator, successors }: Block): boolean => {
  const { condition, args } = terminator!;
  if (condition !== "lt" && condition !== "ge") return false;
  return successors.every(
    ({ nodes }) => nodes.length === 1 && nodes[0]!.op === "branch" && nodes[0]!.args[0] === args[0],
  );
};

/** What pointers are compared with is null, or what a packet's bytes are checked with; and helpers' answers with 0. */
const chanceOfPointer = ({ condition, width, args }: Node): number | null => {
  const [left, right] = args as [Node, Node];
  if (width === 32 || !isUnbounded(left)) return null;
  if (right.op === "const") {
    if (right.imm !== 0n || left.op !== "call") return null;
    const zero = ADDRESSES.has(left.imm) ? NULL : 1 - EARLY_EXIT;
    return condition === "eq" ? zero : condition === "ne" ? 1 - zero : null;
  }
  if (!isUnbounded(right)) return null;
  if (condition === "gt" || condition === "ge") return EARLY_EXIT;
  return condition === "lt" || condition === "le" ? 1 - EARLY_EXIT : null;
};

const isUnbounded = ({ low, high }: Node): boolean => low === -(1n << 63n) && high === (1n << 63n) - 1n;
