/** Extensions of what is extended already, and byte swaps of byte swaps. */
import { swapBytes } from "../../ssa/arithmetic.ts";
import type { Node, Op } from "../../ssa/ir.ts";
import { isOpaque } from "../../ssa/range.ts";
import { lowOnes } from "../../ssa/range.ts";
import { fitsUnsigned, U32_MAX } from "./bounds.ts";
import type { Rewriter } from "./rewriter.ts";

export const simplifyZeroExtension = (node: Node, rewriter: Rewriter): Node => {
  const value = node.args[0]!;
  if (value.op === "const") return rewriter.constant(BigInt.asUintN(node.width, value.imm));
  if (fitsUnsigned(value, node.width)) return value;
  // The outer one decides when it is no wider.
  if (value.op === "zext" && value.width >= node.width) node.args[0] = value.args[0]!;
  return node.width === 32 ? narrowOperation(node, rewriter) : node;
};

/** The low half of a sum is the sum of the low halves, and 32-bit operations clear the upper half themselves. */
const narrowOperation = (node: Node, { insert, uses }: Rewriter): Node => {
  const value = node.args[0]!;
  const isOnlyUse = uses(value) === 1 && value.width === 64;
  // Bounds narrower than 32 bits would rest on what the verifier knows of the 64-bit result.
  if (!isOnlyUse || !lowHalfOfLowHalves.has(value.op) || node.low !== 0n || node.high !== U32_MAX) return node;
  if (isOpaque(value.op, value.args[1]!)) return node;
  return insert(value.op, [...value.args], { width: 32, low: 0n, high: U32_MAX });
};

const lowHalfOfLowHalves = new Set<Op>(["add", "sub", "mul", "and", "or", "xor"]);

export const simplifySignExtension = (node: Node, { constant }: Rewriter): Node => {
  const value = node.args[0]!;
  const half = 1n << BigInt(node.width - 1);
  if (value.op === "const") return constant(BigInt.asIntN(node.width, value.imm));
  if (value.low >= -half && value.high < half) return value;
  if ((value.op === "zext" || value.op === "sext") && value.width >= node.width) node.args[0] = value.args[0]!;
  return node;
};

export const simplifyByteSwap = (node: Node, { constant, insert }: Rewriter): Node => {
  const value = node.args[0]!;
  const { width } = node;
  if (value.op === "const") return constant(swapBytes(BigInt.asUintN(64, value.imm), width));
  if (value.op === "bswap" && value.width === width) return keepLow(value.args[0]!, width, insert);
  // Bit by bit, an operation with a constant may as well be done before the swap: then two swaps meet and vanish.
  const [left, right] = value.args;
  const isBitwise = value.op === "and" || value.op === "or" || value.op === "xor";
  if (!isBitwise || left?.op !== "bswap" || left.width !== width || right?.op !== "const") return node;
  const operand = BigInt.asUintN(64, right.imm);
  if (value.width < width) return node; // it cuts bits off that the swap brings down
  const mask = swapBytes(operand, width);
  const inner = keepLow(left.args[0]!, width, insert);
  const high = value.op === "and" && width < 64 ? mask : width < 64 ? lowOnes(width) : node.high;
  return insert(value.op, [inner, constant(mask)], { width: 64, low: node.low, high });
};

const keepLow = (value: Node, width: number, insert: Rewriter["insert"]): Node =>
  width === 64 || fitsUnsigned(value, width)
    ? value
    : insert("zext", [value], { width: width === 16 ? 16 : 32, low: 0n, high: lowOnes(width) });
