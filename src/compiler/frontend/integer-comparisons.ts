/** Comparisons of integers: decided by their ranges, or a test with what each outcome proves. */
import type { Condition } from "../ssa/ir.ts";
import { S64_MAX, S64_MIN, U32_MAX } from "../ssa/range.ts";
import { I32_MAX, exactInteger, within } from "./integers.ts";
import type { Unit } from "./unit.ts";
import type { IntegerValue, Test, Value } from "./values.ts";

const conditions: Readonly<Record<string, { unsigned: Condition; signed: Condition }>> = {
  "===": { unsigned: "eq", signed: "eq" },
  "!==": { unsigned: "ne", signed: "ne" },
  "<": { unsigned: "lt", signed: "slt" },
  "<=": { unsigned: "le", signed: "sle" },
  ">": { unsigned: "gt", signed: "sgt" },
  ">=": { unsigned: "ge", signed: "sge" },
};

export const opposite: Readonly<Record<Condition, Condition | null>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
  slt: "sge",
  sge: "slt",
  sgt: "sle",
  sle: "sgt",
  set: null,
};

/** `left operator right` for integers: decided by their ranges, or a test. */
export const compareIntegers = (unit: Unit, operator: string, left: Value, right: Value): boolean | Test => {
  const a = exactInteger(unit, left, "the left side");
  const b = exactInteger(unit, right, "the right side");
  if (a.type !== b.type && (operator === "===" || operator === "!==")) {
    return unit.refuse(
      "HM1101",
      `${operator} between number and bigint is always ${operator === "!=="}; convert one side`,
    );
  }
  if (a.type !== b.type)
    return unit.refuse("HM1101", `${operator} mixes number and bigint; convert one side with BigInt(…) or Number(…)`);
  const decided = decide(operator, a, b);
  if (decided !== null) return decided;
  const signed = a.low < 0n || b.low < 0n;
  if (signed && (a.high > S64_MAX || b.high > S64_MAX))
    return unit.refuse("HM1104", "one side may be negative and the other pass 2^63; write BigInt.asUintN(64, …)");
  const entry = conditions[operator];
  if (entry === undefined) return unit.refuse("HM1001", `the operator ${operator} has no meaning in a kernel program`);
  const condition = signed ? entry.signed : entry.unsigned;
  // Compare immediates are sign-extended from 32 bits: a larger unsigned constant takes a 32-bit compare.
  const narrow =
    within(a, 0n, U32_MAX) &&
    within(b, 0n, U32_MAX) &&
    (a.high > I32_MAX || b.high > I32_MAX) &&
    (a.node.op === "const" || b.node.op === "const");
  const flip = a.node.op === "const";
  const test = narrowing(flip ? b : a, flip ? flipped(operator) : operator, flip ? a : b);
  return {
    condition: flip ? flippedCondition(condition) : condition,
    left: flip ? b.node : a.node,
    right: flip ? a.node : b.node,
    width: narrow ? 32 : 64,
    ...test,
  };
};

const decide = (operator: string, a: IntegerValue, b: IntegerValue): boolean | null => {
  switch (operator) {
    case "===":
      if (a.node === b.node) return true;
      return a.high < b.low || b.high < a.low ? false : a.low === a.high && b.low === b.high ? true : null;
    case "!==": {
      const equal = decide("===", a, b);
      return equal === null ? null : !equal;
    }
    case "<":
      return a.high < b.low ? true : a.low >= b.high ? false : null;
    case "<=":
      return a.high <= b.low ? true : a.low > b.high ? false : null;
    case ">":
      return decide("<", b, a);
    case ">=":
      return decide("<=", b, a);
    default:
      return null;
  }
};

const flipped = (operator: string): string => ({ "<": ">", "<=": ">=", ">": "<", ">=": "<=" })[operator] ?? operator;

const flippedCondition = (condition: Condition): Condition => {
  const pairs: Partial<Record<Condition, Condition>> = {
    lt: "gt",
    le: "ge",
    gt: "lt",
    ge: "le",
    slt: "sgt",
    sle: "sge",
    sgt: "slt",
    sge: "sle",
  };
  return pairs[condition] ?? condition;
};

/** What each outcome says of both sides. Only what the verifier concludes too: bounds of registers within signed 64. */
const narrowing = (a: IntegerValue, operator: string, b: IntegerValue): Pick<Test, "whenTrue" | "whenFalse"> => {
  if (a.low < S64_MIN || a.high > S64_MAX || b.low < S64_MIN || b.high > S64_MAX)
    return { whenTrue: [], whenFalse: [] };
  const at = (value: IntegerValue, low: bigint, high: bigint) =>
    ({ kind: "range", node: value.node, low, high }) as const;
  const less = [at(a, a.low, b.high - 1n), at(b, a.low + 1n, b.high)];
  const lessEqual = [at(a, a.low, b.high), at(b, a.low, b.high)];
  const greater = [at(a, b.low + 1n, a.high), at(b, b.low, a.high - 1n)];
  const greaterEqual = [at(a, b.low, a.high), at(b, b.low, a.high)];
  switch (operator) {
    case "===":
    case "!==": {
      const low = a.low > b.low ? a.low : b.low;
      const high = a.high < b.high ? a.high : b.high;
      const equal = [at(a, low, high), at(b, low, high)];
      const unequal =
        b.low === b.high ? [at(a, a.low === b.low ? a.low + 1n : a.low, a.high === b.low ? a.high - 1n : a.high)] : [];
      return operator === "===" ? { whenTrue: equal, whenFalse: unequal } : { whenTrue: unequal, whenFalse: equal };
    }
    case "<":
      return { whenTrue: less, whenFalse: greaterEqual };
    case "<=":
      return { whenTrue: lessEqual, whenFalse: greater };
    case ">":
      return { whenTrue: greater, whenFalse: lessEqual };
    default:
      return { whenTrue: greaterEqual, whenFalse: less };
  }
};
