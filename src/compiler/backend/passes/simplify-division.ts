/**
 * Division by a constant as a multiplication and a shift, where the dividend is small enough for 64 bits to hold the
 * product: a few cycles instead of a few tens.
 *
 * With m = ceil(2^s / c), n * m / 2^s exceeds n / c by n * e / (c * 2^s), e = m * c - 2^s; the whole part is right while
 * n * e < 2^s.
 */
import type { Node } from "../../ssa/ir.ts";
import { lowOnes } from "../../ssa/range.ts";
import type { Rewriter } from "./rewriter.ts";

/** `node` is a `div` or `mod` by the constant `divisor`, which is no power of two. */
export const simplifyDivision = (node: Node, divisor: bigint, { insert, constant }: Rewriter): Node => {
  const dividend = node.args[0]!;
  const most = largest(dividend);
  if (most === null || divisor > 0x7fffffffn) return node;
  const factor = factorFor(most, divisor);
  if (factor === null) return node;
  // The bounds stay those of the division: the verifier may not know what we know of the dividend.
  const product = insert("mul", [dividend, constant(factor.multiplier)], { width: 64 });
  if (node.op === "div") {
    return insert("shr", [product, constant(factor.shift)], { width: 64, low: node.low, high: node.high });
  }
  const quotient = insert("shr", [product, constant(factor.shift)], { width: 64 });
  const whole = insert("mul", [quotient, constant(divisor)], { width: 64 });
  return insert("sub", [dividend, whole], { width: 64, low: node.low, high: node.high });
};

const factorFor = (most: bigint, divisor: bigint): { multiplier: bigint; shift: bigint } | null => {
  for (let shift = 0n; shift < 63n; shift++) {
    const multiplier = ((1n << shift) + divisor - 1n) / divisor;
    const excess = multiplier * divisor - (1n << shift);
    if (most * excess >= 1n << shift) continue;
    return multiplier <= 0x7fffffffn ? { multiplier, shift } : null;
  }
  return null;
};

/** The largest the value can be, at most 2^32 - 1; null when it may be more. Arithmetic, not the verifier, must know. */
const largest = (node: Node): bigint | null => {
  const limit = lowOnes(32);
  const right = node.args[1];
  if (node.op === "mod" && right?.op === "const" && right.imm > 0n && right.imm <= limit) return right.imm - 1n;
  return node.low >= 0n && node.high <= limit ? node.high : null;
};
