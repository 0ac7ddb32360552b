/** By how much a round of a loop changes a number: bounds what a limited number of rounds can make of it. */
import type { Builder } from "../ssa/builder.ts";
import type { Node } from "../ssa/ir.ts";
import { S64_MAX, S64_MIN, union, type Range } from "../ssa/range.ts";

/** `end - start` for every way from the loop's head, where the number is `start`, to here; null when that is not known. */
export const growthOf = (builder: Builder, start: Node, end: Node): Range | null => {
  const found = new Map<Node, Range | null>([[start, { low: 0n, high: 0n }]]);
  const visit = (node: Node): Range | null => {
    const known = found.get(node);
    if (known !== undefined) return known;
    // Until it is known: what leads back to itself belongs to a loop within.
    found.set(node, null);
    const growth = compute(node);
    found.set(node, growth);
    return growth;
  };
  const compute = (node: Node): Range | null => {
    const [left, right] = node.args;
    if (node.op === "phi") {
      const ways = node.args.map(visit);
      return ways.reduce((a, b) => (a === null || b === null ? null : union(a, b)));
    }
    if ((node.op !== "add" && node.op !== "sub") || node.width !== 64) return null;
    return (
      step(visit(left as Node), builder.range(right as Node), node.op) ??
      (node.op === "add" ? step(visit(right as Node), builder.range(left as Node), "add") : null)
    );
  };
  return visit(end);
};

const step = (before: Range | null, by: Range, op: "add" | "sub"): Range | null => {
  if (before === null || by.low === S64_MIN || by.high === S64_MAX) return null;
  const [low, high] = op === "add" ? [by.low, by.high] : [-by.high, -by.low];
  return { low: before.low + low, high: before.high + high };
};

/** What `rounds` rounds or fewer make of `initial`. */
export const grown = (initial: Range, { low, high }: Range, rounds: bigint): Range => ({
  low: initial.low + (low < 0n ? low * rounds : 0n),
  high: initial.high + (high > 0n ? high * rounds : 0n),
});
