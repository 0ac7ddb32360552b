/** By how much a round of a loop changes a number: bounds what a limited number of rounds can make of it. */
import type { Node } from "../ssa/ir.ts";
import { S64_MAX, S64_MIN, anyRange, intersect, union, type Range } from "../ssa/range.ts";
import type { Unit } from "./unit.ts";

/** What is known of a number that a loop carries, by the phi at the loop's head. */
export interface LoopNumber {
  /** Where each round finds it. */
  readonly range: Range;
  /** Of a loop that is closed: what it adds in all its rounds. */
  readonly growth: Range | null;
}

/** `end - start` for every way from the loop's head, where the number is `start`, to here; null when that is not known. */
export const growthOf = (unit: Unit, start: Node, end: Node): Range | null => {
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
    const inner = unit.loopNumbers.get(node)?.growth ?? null;
    if (inner !== null) return step(visit(left as Node), inner, "add");
    if (node.op === "phi") {
      const ways = node.args.map(visit);
      return ways.reduce((a, b) => (a === null || b === null ? null : union(a, b)));
    }
    if ((node.op !== "add" && node.op !== "sub") || node.width !== 64) return null;
    // Where a number enters a range().
    if (left?.op === "hide" && left.args[0]?.op === "const" && left.args[0].imm === 0n) return visit(right as Node);
    return (
      step(visit(left as Node), rangeOf(unit, right as Node), node.op) ??
      (node.op === "add" ? step(visit(right as Node), rangeOf(unit, left as Node), "add") : null)
    );
  };
  return visit(end);
};

/**
 * Whether each round finds the number, or leaves it, above 0, and shifts it right: then there are no more rounds than it has bits.
 * `start`: at the loop's head.
 */
export const isHalved = (unit: Unit, start: Node, end: Node, { low }: Range): boolean =>
  (low > 0n || rangeOf(unit, start).low > 0n) && isShifted(unit, start, end, new Set([start]));

const isShifted = (unit: Unit, start: Node, node: Node, seen: Set<Node>): boolean => {
  if (seen.has(node)) return false;
  seen.add(node);
  const [left, right] = node.args;
  if (node.op === "phi") return node.args.every((arg) => isShifted(unit, start, arg, seen));
  if (node.op !== "shr" || left === undefined || right === undefined || rangeOf(unit, right).low < 1n) return false;
  return left === start || (left.op === "zext" && left.args[0] === start) || isShifted(unit, start, left, seen);
};

/** What is known of a number here, be it of its register or of the value that is in it. */
const rangeOf = ({ builder, truths, loopNumbers }: Unit, node: Node): Range => {
  const value = intersect(builder.state.get(truths, node) ?? anyRange, loopNumbers.get(node)?.range ?? anyRange);
  return intersect(builder.range(node), value);
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
