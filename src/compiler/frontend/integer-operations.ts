/** Integer arithmetic with JavaScript's exact results; what JavaScript and a register could disagree on is refused. */
import type { ArithmeticOp } from "../ssa/ir.ts";
import { U32_MAX, U64_MAX, fillBits } from "../ssa/range.ts";
import { divide } from "./division.ts";
import { proofAdvice } from "./fresh-reads.ts";
import {
  I32_MAX,
  I32_MIN,
  adviceFor,
  exactInteger,
  make,
  signedInteger,
  toInteger,
  toOneType,
  within,
  wrapped,
} from "./integers.ts";
import type { Unit } from "./unit.ts";
import { describe, statik, type IntegerValue, type Value } from "./values.ts";

/** A binary operator on two integers of one type, at least one of them known only at run time. */
export const integerOperation = (unit: Unit, operator: string, left: Value, right: Value): Value => {
  const a = toInteger(unit, left);
  const b = toInteger(unit, right);
  if (a === null || b === null)
    return unit.refuse(
      "HM1109",
      `${operator} needs integers, not ${describe(a === null ? left : right)}${adviceFor(a === null ? left : right)}`,
    );
  if (a.type !== b.type) return unit.refuse("HM1101", `${operator} mixes number and bigint; ${toOneType(left, right)}`);
  return a.type === "number" ? numberOperation(unit, operator, a, b) : bigintOperation(unit, operator, a, b);
};

const corners = (
  a: IntegerValue,
  b: IntegerValue,
  apply: (x: bigint, y: bigint) => bigint,
): { low: bigint; high: bigint } => {
  const all = [apply(a.low, b.low), apply(a.low, b.high), apply(a.high, b.low), apply(a.high, b.high)];
  return { low: all.reduce((x, y) => (x < y ? x : y)), high: all.reduce((x, y) => (x > y ? x : y)) };
};

const arithmetic: Readonly<Record<string, [ArithmeticOp, (x: bigint, y: bigint) => bigint]>> = {
  "+": ["add", (x, y) => x + y],
  "-": ["sub", (x, y) => x - y],
  "*": ["mul", (x, y) => x * y],
};

const numberOperation = (unit: Unit, operator: string, a: IntegerValue, b: IntegerValue): Value => {
  const { builder } = unit;
  const simple = arithmetic[operator];
  if (simple !== undefined) {
    const [op, apply] = simple;
    const [x, y] = [exactInteger(unit, a, "the left side"), exactInteger(unit, b, "the right side")];
    const { low, high } = corners(x, y, apply);
    return make(unit, "number", builder.binary(op, x.node, y.node), low, high);
  }
  switch (operator) {
    case "&":
      return numberAnd(unit, a, b);
    case "|":
    case "^": {
      const node = builder.binary(operator === "|" ? "or" : "xor", a.node, b.node);
      if (!within(a, 0n, I32_MAX) || !within(b, 0n, I32_MAX)) return wrapped(node);
      const top = fillBits(a.high > b.high ? a.high : b.high);
      return make(unit, "number", node, operator === "|" ? (a.low > b.low ? a.low : b.low) : 0n, top);
    }
    case "<<": {
      const count = shiftCount(unit, b, 31n);
      const node = builder.binary("shl", a.node, count.node);
      if (!within(a, 0n, I32_MAX) || a.high << count.high > I32_MAX) return wrapped(node);
      return make(unit, "number", node, a.low << count.low, a.high << count.high);
    }
    case ">>>": {
      const count = shiftCount(unit, b, 31n);
      const source = within(a, 0n, U32_MAX) ? a.node : builder.zeroExtend(a.node, 32);
      const [low, high] = within(a, 0n, U32_MAX) ? [a.low, a.high] : [0n, U32_MAX];
      return make(unit, "number", builder.binary("shr", source, count.node), low >> count.high, high >> count.low);
    }
    case ">>": {
      const count = shiftCount(unit, b, 31n);
      const fits = within(a, I32_MIN, I32_MAX);
      const source = fits ? a.node : builder.signExtend(a.node, 32);
      const [low, high] = fits ? [a.low, a.high] : [I32_MIN, I32_MAX];
      const range = {
        low: low < 0n ? low >> count.low : low >> count.high,
        high: high < 0n ? high >> count.high : high >> count.low,
      };
      return make(unit, "number", builder.binary(low >= 0n ? "shr" : "sar", source, count.node), range.low, range.high);
    }
    case "%":
      return divide(unit, "mod", a, b);
    case "/":
      return unit.refuse(
        "HM1107",
        "a division may have a fraction; write Math.trunc(a / b), or multiply instead what it is compared with",
      );
    default:
      return unit.refuse(
        "HM1001",
        `the operator ${operator} has no meaning in a kernel program; use arithmetic and comparisons`,
      );
  }
};

/** `a & b`: exact whenever one side keeps bit 31 and all above clear. */
const numberAnd = (unit: Unit, a: IntegerValue, b: IntegerValue): Value => {
  const node = unit.builder.binary("and", a.node, b.node);
  const left = within(a, 0n, I32_MAX);
  const right = within(b, 0n, I32_MAX);
  if (!left && !right) return wrapped(node);
  const high = left && right ? (a.high < b.high ? a.high : b.high) : left ? a.high : b.high;
  return make(unit, "number", node, 0n, high);
};

const shiftCount = (unit: Unit, count: IntegerValue, most: bigint): IntegerValue => {
  if (!within(count, 0n, most) && count.low === count.high)
    return unit.refuse(
      "HM1106",
      most === 31n
        ? `JavaScript takes only 5 bits of the count, and shifts by ${BigInt.asUintN(5, count.low)} here; write that, or a count in 0..31`
        : `a shift by ${count.low} leaves nothing of 64 bits; write a count in 0..${most}`,
    );
  if (!within(count, 0n, most))
    return unit.refuse(
      "HM1106",
      `the shift count must be proven to lie in 0..${most}; ${proofAdvice(unit, count, `mask it, as in (n & ${most})`)}`,
    );
  return count;
};

const bigintOperation = (unit: Unit, operator: string, a: IntegerValue, b: IntegerValue): Value => {
  const { builder } = unit;
  const simple = arithmetic[operator];
  if (simple !== undefined) {
    const [op, apply] = simple;
    const { low, high } = corners(a, b, apply);
    return make(unit, "bigint", builder.binary(op, a.node, b.node), low, high);
  }
  const unsigned = (value: IntegerValue): boolean => value.low >= 0n && value.high <= U64_MAX;
  switch (operator) {
    case "&": {
      const node = builder.binary("and", a.node, b.node);
      if (!unsigned(a) && !unsigned(b)) return make(unit, "bigint", node, -(1n << 200n), 1n << 200n);
      const high = unsigned(a) && unsigned(b) ? (a.high < b.high ? a.high : b.high) : unsigned(a) ? a.high : b.high;
      return make(unit, "bigint", node, 0n, high);
    }
    case "|":
    case "^": {
      const node = builder.binary(operator === "|" ? "or" : "xor", a.node, b.node);
      if (!unsigned(a) || !unsigned(b)) return make(unit, "bigint", node, -(1n << 200n), 1n << 200n);
      return make(unit, "bigint", node, 0n, fillBits(a.high > b.high ? a.high : b.high));
    }
    case "<<": {
      const count = shiftCount(unit, b, 63n);
      return make(
        unit,
        "bigint",
        builder.binary("shl", a.node, count.node),
        a.low < 0n ? a.low << count.high : a.low << count.low,
        a.high << count.high,
      );
    }
    case ">>": {
      const count = shiftCount(unit, b, 63n);
      const value = exactInteger(unit, a, "the left side");
      if (value.low < 0n) return unit.refuse("HM1104", "this bigint may be negative; write BigInt.asUintN(64, …)");
      return make(
        unit,
        "bigint",
        builder.binary("shr", value.node, count.node),
        value.low >> count.high,
        value.high >> count.low,
      );
    }
    case "/":
      return divide(unit, "div", a, b);
    case "%":
      return divide(unit, "mod", a, b);
    default:
      return unit.refuse(
        "HM1001",
        `the operator ${operator} has no meaning for bigint; use >> after BigInt.asUintN(64, …)`,
      );
  }
};

export const bitwiseNot = (unit: Unit, value: Value): Value => {
  const integer = toInteger(unit, value);
  if (integer === null) return unit.refuse("HM1109", `~ needs an integer, not ${describe(value)}${adviceFor(value)}`);
  const node = unit.builder.binary("xor", integer.node, unit.builder.constant(-1n));
  return integer.type === "number" ? wrapped(node) : make(unit, "bigint", node, -integer.high - 1n, -integer.low - 1n);
};

export const negative = (unit: Unit, value: Value): Value => {
  const integer = toInteger(unit, value);
  if (integer === null) return unit.refuse("HM1109", `- needs an integer, not ${describe(value)}${adviceFor(value)}`);
  return integerOperation(unit, "-", statik(integer.type === "number" ? 0 : 0n), integer);
};

/** `Math.imul(a, b)`: the low 32 bits of the product, which JavaScript reads as signed. */
export const multiply32 = (unit: Unit, left: Value, right: Value): Value => {
  const a = toInteger(unit, left);
  const b = toInteger(unit, right);
  if (a?.type !== "number" || b?.type !== "number")
    return unit.refuse("HM1109", "Math.imul needs two numbers; convert with Number(…)");
  return wrapped(unit.builder.binary("mul", a.node, b.node, 32));
};

/** `BigInt.asUintN(bits, value)`. */
export const asUintN = (unit: Unit, bits: number, value: Value): Value => {
  const integer = toInteger(unit, value);
  if (integer?.type !== "bigint") return unit.refuse("HM1101", "BigInt.asUintN needs a bigint; convert with BigInt(…)");
  const limit = (1n << BigInt(bits)) - 1n;
  if (integer.low >= 0n && integer.high <= limit) return integer;
  if (bits >= 64) return make(unit, "bigint", integer.node, 0n, U64_MAX);
  return make(unit, "bigint", unit.builder.binary("and", integer.node, unit.builder.constant(limit)), 0n, limit);
};

/** `BigInt.asIntN(bits, value)`. */
export const asIntN = (unit: Unit, bits: number, value: Value): Value => {
  const { builder } = unit;
  const integer = toInteger(unit, value);
  if (integer?.type !== "bigint") return unit.refuse("HM1101", "BigInt.asIntN needs a bigint; convert with BigInt(…)");
  const half = 1n << BigInt(bits - 1);
  if (integer.low >= -half && integer.high < half) return integer;
  const left = builder.constant(64 - bits);
  const node = bits === 64 ? integer.node : builder.binary("sar", builder.binary("shl", integer.node, left), left);
  return make(unit, "bigint", node, -half, half - 1n);
};

export const toBigInt = (unit: Unit, value: Value): Value => {
  const integer = exactInteger(unit, value, "the argument of BigInt()");
  return integer.type === "bigint" ? integer : make(unit, "bigint", integer.node, integer.low, integer.high);
};

export const toNumber = (unit: Unit, value: Value): Value => {
  const integer = signedInteger(unit, value, "the argument of Number()");
  return integer.type === "number" ? integer : make(unit, "number", integer.node, integer.low, integer.high);
};
