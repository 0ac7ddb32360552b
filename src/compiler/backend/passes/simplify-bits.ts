/**
 * Masks and unions of bits: what masks cut off need not be put in, masks of masks are one, and parts of one value put
 * together again are that value. Bit fields written one after the other become the byte that they make up.
 */
import type { Node } from "../../ssa/ir.ts";
import { lowOnes } from "../../ssa/range.ts";
import { areDisjoint, possibleOnes } from "./known-bits.ts";
import type { Rewriter } from "./rewriter.ts";

/** `node` masks with the constant `mask`. Returns what stands for it; itself when there is nothing to gain. */
export const simplifyMask = (node: Node, mask: bigint, rewriter: Rewriter): Node => {
  const value = node.args[0]!;
  const ones = possibleOnes(value);
  if ((ones & mask) === 0n) return rewriter.constant(0n);
  if (node.width !== 64) return node;
  if ((ones & ~mask) === 0n && isAsBounded(value, node)) return value;
  const [left, right] = value.args;
  if (value.op === "and" && value.width === 64 && right?.op === "const")
    return masked(left!, mask & BigInt.asUintN(64, right.imm), node, rewriter);
  if (value.op === "zext") return masked(left!, mask & lowOnes(value.width), node, rewriter);
  return isUnion(value) && rewriter.uses(value) === 1 ? maskUnion(node, value, mask, rewriter) : node;
};

/** `(a | b) & m` without what `m` cuts off. */
const maskUnion = (node: Node, union: Node, mask: bigint, rewriter: Rewriter): Node => {
  const [left, right] = union.args as [Node, Node];
  if ((possibleOnes(left) & mask) === 0n) return masked(right, mask, node, rewriter);
  if ((possibleOnes(right) & mask) === 0n) return masked(left, mask, node, rewriter);
  if (left.op !== "and" || left.width !== 64 || left.args[1]!.op !== "const" || right.op !== "const") return node;
  const kept = masked(left.args[0]!, BigInt.asUintN(64, left.args[1]!.imm) & mask, node, rewriter);
  const { low, high } = node;
  return rewriter.insert("or", [kept, rewriter.constant(BigInt.asUintN(64, right.imm) & mask)], {
    width: 64,
    low,
    high,
  });
};

const masked = (value: Node, mask: bigint, like: Node, rewriter: Rewriter): Node => {
  if (value.op === "const") return rewriter.constant(BigInt.asUintN(64, value.imm) & mask);
  const { low, high } = like;
  const most = mask < 1n << 63n ? mask : high;
  const node = rewriter.insert("and", [value, rewriter.constant(mask)], {
    width: 64,
    low,
    high: most < high ? most : high,
  });
  return simplifyMask(node, mask, rewriter);
};

/** `node` is `a | b`. */
export const simplifyUnion = (node: Node, rewriter: Rewriter): Node => {
  const [left, right] = node.args as [Node, Node];
  if (node.width !== 64) return node;
  if (right.op === "const") {
    const [inner, more] = left.args;
    if (left.op !== "or" || left.width !== 64 || more?.op !== "const") return node;
    const { low, high } = node;
    return rewriter.insert("or", [inner!, rewriter.constant(right.imm | more.imm)], { width: 64, low, high });
  }
  const [a, b] = [partOf(left), partOf(right)];
  if (a === null || b === null || a.value !== b.value) return node;
  return masked(a.value, a.mask | b.mask, node, rewriter);
};

/** What a value keeps of another. */
const partOf = ({ op, width, args }: Node): { value: Node; mask: bigint } | null =>
  op === "and" && width === 64 && args[1]!.op === "const"
    ? { value: args[0]!, mask: BigInt.asUintN(64, args[1]!.imm) }
    : null;

/** `(x >> n) << n` clears bits of x. */
export const simplifyShiftBack = (node: Node, count: bigint, rewriter: Rewriter): Node => {
  const [value, back] = node.args[0]!.args;
  const isBack = node.args[0]!.op === "shr" && node.args[0]!.width === 64 && back?.op === "const" && back.imm === count;
  if (node.width !== 64 || !isBack || value === undefined || count >= 31n) return node;
  const kept = possibleOnes(value) & ~((1n << count) - 1n);
  const high = value.low >= 0n && value.high < kept ? value.high : kept;
  if (high > node.high) return node;
  return rewriter.insert("and", [value, rewriter.constant(-(1n << count))], {
    width: 64,
    low: node.low,
    high: node.high,
  });
};

const isUnion = (node: Node): boolean =>
  node.width === 64 && (node.op === "or" || (node.op === "add" && areDisjoint(node.args[0]!, node.args[1]!)));

/** Whether the verifier knows as much of a value as of what it is to stand for. */
const isAsBounded = (value: Node, node: Node): boolean => value.low >= node.low && value.high <= node.high;
