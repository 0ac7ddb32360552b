/** What the ranges of two values tell of a comparison. */
import { holds } from "../../ssa/arithmetic.ts";
import type { Condition } from "../../ssa/ir.ts";
import type { Range } from "../../ssa/range.ts";
import { lowOnes } from "../../ssa/range.ts";

/** Whether the condition holds of all values in two ranges, or of none; null when that depends. */
export const compareRanges = (condition: Condition, width: number, left: Range, right: Range): boolean | null => {
  if (isConstant(left) && isConstant(right)) {
    return holds(condition, BigInt.asUintN(64, left.low), BigInt.asUintN(64, right.low), width);
  }
  const isSigned = condition !== "set" && condition.startsWith("s");
  // In the numbers below the limit, order is the same signed and unsigned, 32 and 64 bits wide.
  const limit = lowOnes(width === 32 && !isSigned ? 32 : width - 1);
  const areNatural = left.low >= 0n && right.low >= 0n && left.high <= limit && right.high <= limit;
  if (condition === "set" || (!areNatural && (width === 32 || !isSigned))) {
    const isEquality = condition === "eq" || condition === "ne";
    if (width !== 64 || !isEquality) return null;
  }
  switch (condition) {
    case "eq":
    case "ne":
      return left.high < right.low || right.high < left.low ? condition === "ne" : null;
    case "lt":
    case "slt":
      return left.high < right.low ? true : left.low >= right.high ? false : null;
    case "le":
    case "sle":
      return left.high <= right.low ? true : left.low > right.high ? false : null;
    case "gt":
    case "sgt":
      return left.low > right.high ? true : left.high <= right.low ? false : null;
    case "ge":
    case "sge":
      return left.low >= right.high ? true : left.high < right.low ? false : null;
    default:
      return null;
  }
};

export const isConstant = ({ low, high }: Range): boolean => low === high;
