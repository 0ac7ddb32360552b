/**
 * Takes the packet's length in front of a call behind which nothing but the length asks for the packet's ends:
 *
 *     count = counts.lookup(key); count.bytes += BigInt(ctx.packet.length)
 *
 * keeps one value over the call then, not two, of which each costs a register to save.
 */
import { dominators, type DominatorTree } from "../../ssa/dominators.ts";
import { IdSet } from "../../ssa/by-id.ts";
import type { Block, Node, SsaFunction } from "../../ssa/ir.ts";

/** Lengths looked at in a function, and calls in front of each. */
const MOST_LENGTHS = 8;
const MOST_CALLS = 4;

export const lengthsBeforeCalls = (fn: SsaFunction): void => {
  const lengths = fn.blocks.flatMap(({ nodes }) => nodes.filter(isLength)).slice(0, MOST_LENGTHS);
  if (lengths.length === 0) return;
  const tree = dominators(fn.entry);
  const ends = new Set(lengths.flatMap(({ args }) => args));
  const users = fn.blocks.flatMap(({ nodes }) => nodes.filter(({ args }) => args.some((arg) => ends.has(arg))));
  for (const length of lengths) {
    const others = users.filter((user) => user !== length && user.args.some((arg) => length.args.includes(arg)));
    const call = firstFreeCall(length, others, tree);
    if (call !== null) move(length, call);
  }
};

/** `end - data`. */
const isLength = ({ op, width, args }: Node): boolean =>
  op === "sub" && width === 64 && args.every((arg) => arg.op === "load" && arg.space === "context");

const isCall = ({ op }: Node): boolean => op === "call" || op === "kfunc" || op === "invoke";

/** The first of the calls before the length, on every way to it, behind which none of the others is. */
const firstFreeCall = (length: Node, others: readonly Node[], tree: DominatorTree): Node | null => {
  let found: Node | null = null;
  let calls = 0;
  for (let block = length.block; ; block = tree.parent[block.id]!) {
    const { nodes, loopDepth } = block;
    const defined = Math.max(...length.args.map((arg) => (arg.block === block ? nodes.indexOf(arg) : -1)));
    for (let at = (block === length.block ? nodes.indexOf(length) : nodes.length) - 1; at > defined; at--) {
      const call = nodes[at]!;
      if (!isCall(call)) continue;
      if (calls++ === MOST_CALLS || loopDepth > 0 || isBefore(call, others)) return found;
      found = call;
    }
    if (defined >= 0) return found;
  }
};

/** Whether some way leads from the call to one of the nodes. */
const isBefore = (call: Node, others: readonly Node[]): boolean => {
  const { block } = call;
  const reached = new IdSet<Block>();
  const work = [...block.successors];
  for (let at = work.pop(); at !== undefined; at = work.pop()) if (reached.add(at)) work.push(...at.successors);
  const after = block.nodes.indexOf(call);
  return others.some((other) =>
    other.block === block ? block.nodes.indexOf(other) > after : reached.has(other.block),
  );
};

const move = (length: Node, call: Node): void => {
  length.block.nodes.splice(length.block.nodes.indexOf(length), 1);
  const { block } = call;
  block.nodes.splice(block.nodes.indexOf(call), 0, length);
  length.block = block;
};
