/** What eBPF computes, on unsigned 64-bit bigints (RFC 9669, section 4.1). */
import type { ArithmeticOp, Condition } from "./ir.ts";

export const arithmetic = (op: ArithmeticOp, left: bigint, right: bigint, width: number): bigint => {
  const a = BigInt.asUintN(width, left);
  const b = BigInt.asUintN(width, right);
  const shift = b & BigInt(width - 1);
  const result = (): bigint => {
    switch (op) {
      case "add":
        return a + b;
      case "sub":
        return a - b;
      case "mul":
        return a * b;
      case "div":
        return b === 0n ? 0n : a / b;
      case "mod":
        return b === 0n ? a : a % b;
      case "and":
        return a & b;
      case "or":
        return a | b;
      case "xor":
        return a ^ b;
      case "shl":
        return a << shift;
      case "shr":
        return a >> shift;
      case "sar":
        return BigInt.asIntN(width, a) >> shift;
    }
  };
  return BigInt.asUintN(width, result());
};

export const swapBytes = (value: bigint, width: number): bigint => {
  let result = 0n;
  for (let i = 0; i < width; i += 8) result = (result << 8n) | ((value >> BigInt(i)) & 0xffn);
  return result;
};

export const holds = (condition: Condition, left: bigint, right: bigint, width: number): boolean => {
  const a = BigInt.asUintN(width, left);
  const b = BigInt.asUintN(width, right);
  const sa = BigInt.asIntN(width, left);
  const sb = BigInt.asIntN(width, right);
  switch (condition) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    case "slt":
      return sa < sb;
    case "sle":
      return sa <= sb;
    case "sgt":
      return sa > sb;
    case "sge":
      return sa >= sb;
    case "set":
      return (a & b) !== 0n;
  }
};
