/**
 * Integer arithmetic with JavaScript's exact results. A `number` is a signed 64-bit register that stays within 2^53; a
 * `bigint` is the low 64 bits of a value whose true range is known. What JavaScript and the register could disagree on
 * is refused, with what to write instead.
 */
import type { ArithmeticOp, Node } from "../ssa/ir.ts";
import { S64_MAX, S64_MIN, U32_MAX, U64_MAX, anyRange, fillBits, intersect, type Range } from "../ssa/range.ts";
import { proofAdvice } from "./fresh-reads.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, type IntegerValue, type Value, type ViewValue } from "./values.ts";

export type Expected = "number" | "bigint";

export const MAX_SAFE = 1n << 53n;
export const I32_MAX = (1n << 31n) - 1n;
export const I32_MIN = -(1n << 31n);

/** A run-time integer, or a constant made one; null for anything else. */
export const toInteger = (unit: Unit, value: Value): IntegerValue | null => {
  if (value.kind === "integer") return narrowed(unit, value);
  if (!isStatic(value)) return null;
  const constant = value.value;
  if (typeof constant === "number" && !Number.isSafeInteger(constant))
    return unit.refuse("HM1109", `${constant} is not an integer that a register can hold; write a whole number`);
  if (typeof constant !== "number" && typeof constant !== "bigint") return null;
  const exact = BigInt(constant);
  return {
    kind: "integer",
    type: typeof constant as Expected,
    node: unit.builder.constant(exact),
    low: exact,
    high: exact,
    wrapped: false,
  };
};

/** The value with what branches have proved since it was made. */
const narrowed = (unit: Unit, value: IntegerValue): IntegerValue => {
  const { builder } = unit;
  return narrowedBy(value, builder.range(value.node), builder.state.get(unit.truths, value.node));
};

/** The value with what is known of its register. */
export const narrowedBy = (value: IntegerValue, registers: Range, truth: Range | undefined): IntegerValue => {
  if (value.wrapped || value.low < S64_MIN || value.high > U64_MAX) return value;
  const known = truth === undefined ? registers : intersect(truth, registers);
  // Past 2^63 the register is negative: its bounds are the value's only when it is known not to be.
  const both = value.high <= S64_MAX || known.low >= 0n ? known : anyRange;
  const low = both.low > value.low ? both.low : value.low;
  const high = both.high < value.high && both !== anyRange ? both.high : value.high;
  return low === value.low && high === value.high ? value : { ...value, low, high };
};

/** The register of an integer about to be stored: its low `bits` are what the field takes. */
export const asNode = (unit: Unit, value: Value, expected: Expected, name: string, bits: number): Node => {
  if (value.kind === "boolean" || (isStatic(value) && typeof value.value === "boolean")) {
    return unit.refuse("HM1206", `${name} is a ${expected}; write condition ? 1 : 0`);
  }
  const integer = toInteger(unit, value);
  if (integer === null) return unit.refuse("HM1206", `${name} is a ${expected}, not ${describe(value)}`);
  if (integer.type !== expected)
    return unit.refuse(
      "HM1101",
      isStatic(value)
        ? `${name} is a ${expected}; write ${integer.low}${expected === "bigint" ? "n" : ""}`
        : `${name} is a ${expected}; convert with ${expected === "bigint" ? "BigInt(…)" : "Number(…)"}`,
    );
  // JavaScript reads it as signed, and fills a wider field with its sign.
  return integer.wrapped && bits > 32 ? unit.builder.signExtend(integer.node, 32) : integer.node;
};

/** An integer whose value the register truly holds: not wrapped at 32 bits, a bigint within 0..2^64-1 or signed 64. */
export const exactInteger = (unit: Unit, value: Value, what: string): IntegerValue => {
  const integer = toInteger(unit, value);
  if (integer === null)
    return unit.refuse("HM1109", `${what} must be an integer, not ${describe(value)}${adviceFor(value)}`);
  if (integer.wrapped)
    return unit.refuse("HM1102", "this 32-bit result may be negative in JavaScript; write (…) >>> 0");
  if (integer.type === "bigint" && (integer.low < 0n || integer.high > U64_MAX)) {
    return unit.refuse("HM1104", "this bigint may leave 0..2^64-1; write BigInt.asUintN(64, …)");
  }
  return integer;
};

const make = (unit: Unit, type: Expected, node: Node, low: bigint, high: bigint): Value => {
  if (node.op === "const") {
    if (type === "number") return statik(Number(node.imm));
    if (low >= 0n && high <= U64_MAX) return statik(BigInt.asUintN(64, node.imm));
  }
  if (type === "number" && (low < -MAX_SAFE || high > MAX_SAFE)) {
    return unit.refuse(
      "HM1103",
      `this number may reach ${low < -MAX_SAFE ? low : high}, past 2^53, where JavaScript rounds; bound it, or use bigint`,
    );
  }
  return { kind: "integer", type, node, low, high, wrapped: false };
};

const wrapped = (node: Node): Value => ({
  kind: "integer",
  type: "number",
  node,
  low: I32_MIN,
  high: I32_MAX,
  wrapped: true,
});

/** How two integers of different types become ones of one type: a constant is written as the other's. */
export const toOneType = (left: Value, right: Value): string => {
  const constant = isStatic(left) ? left.value : isStatic(right) ? right.value : undefined;
  if (typeof constant === "number") return `write ${constant}n`;
  if (typeof constant === "bigint" && isWithinSafe(constant)) return `write ${constant}`;
  return "convert one side with BigInt(…) or Number(…)";
};

const isWithinSafe = (value: bigint): boolean => value >= -MAX_SAFE && value <= MAX_SAFE;

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

export const within = (value: IntegerValue, low: bigint, high: bigint): boolean =>
  !value.wrapped && value.low >= low && value.high <= high;

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
      return unit.refuse("HM1107", "a division may have a fraction; write Math.trunc(a / b)");
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

/** Truncating division or remainder of values that are not negative. */
const divide = (unit: Unit, op: "div" | "mod", left: IntegerValue, right: IntegerValue): Value => {
  const a = exactInteger(unit, left, "the dividend");
  const b = exactInteger(unit, right, "the divisor");
  if (a.low < 0n || b.low < 0n)
    return unit.refuse(
      "HM1108",
      "division of a number that may be negative; the kernel divides unsigned, so test the sign first",
    );
  if (b.low === 0n)
    return unit.refuse(
      "HM1105",
      `the divisor may be 0; ${proofAdvice(unit, b, "test it first, as in n === 0 ? 0 : a % n")}`,
    );
  const node = unit.builder.binary(op, a.node, b.node);
  const [low, high] =
    op === "div" ? [a.low / b.high, a.high / b.low] : [0n, a.high < b.high - 1n ? a.high : b.high - 1n];
  return make(unit, a.type, node, low, high);
};

/** `Math.trunc(left / right)`, or `left / right` of bigints. */
export const truncatedDivision = (unit: Unit, left: Value, right: Value): Value => {
  const a = toInteger(unit, left);
  const b = toInteger(unit, right);
  if (a === null || b === null)
    return unit.refuse("HM1109", "a division needs integers; write condition ? 1 : 0 for a boolean");
  if (a.type !== "number" || b.type !== "number")
    return unit.refuse(
      "HM1101",
      "Math.trunc and Math.floor take numbers; a division of bigints is whole already, so write it alone",
    );
  return divide(unit, "div", a, b);
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

export const toBigInt = (unit: Unit, value: Value): Value => {
  const integer = exactInteger(unit, value, "the argument of BigInt()");
  return integer.type === "bigint" ? integer : make(unit, "bigint", integer.node, integer.low, integer.high);
};

export const toNumber = (unit: Unit, value: Value): Value => {
  const integer = exactInteger(unit, value, "the argument of Number()");
  return integer.type === "number" ? integer : make(unit, "number", integer.node, integer.low, integer.high);
};

/** What to write for a boolean that is calculated with. */
const adviceFor = (value: Value): string =>
  value.kind === "view"
    ? viewAdvice(value)
    : value.kind === "boolean" || (isStatic(value) && typeof value.value === "boolean")
      ? "; write condition ? 1 : 0"
      : "";

const viewAdvice = ({ layout: { fields } }: ViewValue): string =>
  fields[0] === undefined ? "" : `; write one of its fields, such as .${fields[0].name}`;
