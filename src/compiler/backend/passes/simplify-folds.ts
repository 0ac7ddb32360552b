/**
 * Ones' complement sums (RFC 1071) folded to 16 bits, however they are written: all steps together are one multiplication.
 *
 * Of a value below 2^48, made of the words a, b and c, the product with 1 + 2^16 + 2^32 + 2^48 has a + b + c in its highest
 * word, and the carry out of the word below, which is a + b + c as well: the sum with its carries added, as folding leaves it.
 */
import type { Node } from "../../ssa/ir.ts";
import { fitsUnsigned, U32_MAX } from "./bounds.ts";
import type { Rewriter } from "./rewriter.ts";

const WORD = 0xffffn;
const WORDS = 0x1_0001_0001_0001n;
const FOLDED_AT_ONCE = 48;

/** What stands for `node`, a sum or a mask; itself when it folds nothing. */
export const simplifyFold = (node: Node, rewriter: Rewriter): Node => {
  const value = node.op === "and" ? multiplied(node) : lastStep(node);
  if (value === null) return node;
  const product = rewriter.insert("mul", [value, rewriter.constant(WORDS)], { width: 64 });
  return rewriter.insert("shr", [product, rewriter.constant(48n)], { width: 64, low: 0n, high: WORD });
};

/** `(x & 0xffff) + (x >> 16)` of what a step has left 17 bits of, and thus without a carry; what was folded then. */
const lastStep = (node: Node): Node | null => {
  const last = foldedBy(node, 16);
  if (last === null || last.high > 2n * WORD) return null;
  const first = beforeSteps(last);
  return first !== last && fitsUnsigned(first, FOLDED_AT_ONCE) ? first : null;
};

/** `((x * 0x10001 + (x >> 16)) >> 16) & 0xffff`, the last two steps of a value that is little above 32 bits. */
const multiplied = ({ args, width }: Node): Node | null => {
  const [shifted, mask] = args as [Node, Node];
  const sum = width === 64 && mask.op === "const" && mask.imm === WORD ? shiftedBy(shifted, 16) : null;
  if (sum?.op !== "add" || sum.width !== 64) return null;
  for (const [product, high] of [sum.args, sum.args.toReversed()] as [Node, Node][]) {
    const value = shiftedBy(high, 16);
    const [factor, by] = product.args;
    if (value === null || product.op !== "mul" || product.width !== 64 || factor !== value) continue;
    if (by!.op !== "const" || by!.imm !== 0x1_0001n || value.low < 0n || value.high > U32_MAX + WORD) continue;
    const first = beforeSteps(value);
    return fitsUnsigned(first, FOLDED_AT_ONCE) ? first : value;
  }
  return null;
};

/** What all steps in front of a value start from, as far as they keep what it folds to. */
const beforeSteps = (value: Node): Node => {
  let at = value;
  for (;;) {
    const before = foldedBy(at, 16) ?? foldedBy(at, 32);
    if (before === null || !fitsUnsigned(before, FOLDED_AT_ONCE)) return at;
    at = before;
  }
};

/** The x of `(x & ones) + (x >> bits)`, with as many ones as bits. */
const foldedBy = ({ op, width, args }: Node, bits: 16 | 32): Node | null => {
  if (op !== "add" || width !== 64) return null;
  for (const [low, high] of [args, args.toReversed()] as [Node, Node][]) {
    const value = shiftedBy(high, bits);
    if (value !== null && value.low >= 0n && lowBitsOf(low, bits) === value) return value;
  }
  return null;
};

const shiftedBy = ({ op, width, args }: Node, bits: number): Node | null =>
  op === "shr" && width === 64 && args[1]!.op === "const" && args[1]!.imm === BigInt(bits) ? args[0]! : null;

const lowBitsOf = ({ op, width, args }: Node, bits: number): Node | null => {
  if (op === "zext") return width === bits ? args[0]! : null;
  const isMask = op === "and" && width === 64 && args[1]!.op === "const" && args[1]!.imm === (1n << BigInt(bits)) - 1n;
  return isMask ? args[0]! : null;
};
