/**
 * Integers with JavaScript's exact values. A `number` is a signed 64-bit register that stays within 2^53; a
 * `bigint` is the low 64 bits of a value whose true range is known. What JavaScript and the register could disagree on
 * is refused, with what to write instead.
 */
import type { Node } from "../ssa/ir.ts";
import { refuseAbsent } from "./absent.ts";
import { requireFits } from "./written-constants.ts";
import { S64_MAX, S64_MIN, U64_MAX, anyRange, intersect, isWithin, type Range } from "../ssa/range.ts";
import { requireThere } from "./maybe.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, type IntegerValue, type Value, type ViewValue } from "./values.ts";

export type Expected = "number" | "bigint";

export const MAX_SAFE = 1n << 53n;
export const I32_MAX = (1n << 31n) - 1n;
export const I32_MIN = -(1n << 31n);

/** A run-time integer, or a constant made one; null for anything else. */
export const toInteger = (unit: Unit, given: Value): IntegerValue | null => {
  const value = requireThere(unit, given);
  if (value.kind === "integer") return narrowed(unit, value);
  if (!isStatic(value)) return null;
  const constant = value.value;
  if (typeof constant === "number" && !Number.isSafeInteger(constant))
    return unit.refuse(
      "HM1109",
      `${constant} is not an integer that a register can hold; write a whole number${Number.isFinite(constant) ? ", or multiply first and divide then, as in Math.trunc(a * 3 / 4)" : ""}`,
    );
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
  if (integer === null) refuseAbsent(unit, value);
  if (integer === null) return unit.refuse("HM1206", `${name} is a ${expected}, not ${describe(value)}`);
  if (integer.type !== expected)
    return unit.refuse(
      "HM1101",
      isStatic(value)
        ? `${name} is a ${expected}; write ${integer.low}${expected === "bigint" ? "n" : ""}`
        : `${name} is a ${expected}; convert with ${expected === "bigint" ? "BigInt(…)" : "Number(…)"}`,
    );
  if (isStatic(value)) requireFits(unit, integer, name, bits);
  // JavaScript reads it as signed, and fills a wider field with its sign.
  return integer.wrapped && bits > 32 ? unit.builder.signExtend(integer.node, 32) : integer.node;
};

/** An integer whose value the register truly holds: not wrapped at 32 bits, a bigint within 0..2^64-1. */
export const exactInteger = (unit: Unit, value: Value, what: string): IntegerValue => {
  const integer = toInteger(unit, value);
  if (integer === null)
    return unit.refuse("HM1109", `${what} must be an integer, not ${describe(value)}${adviceFor(value)}`);
  if (integer.wrapped)
    return unit.refuse(
      "HM1102",
      "this 32-bit result may be negative in JavaScript; write (…) >>> 0, or (…) >> 0 where its sign is meant",
    );
  if (integer.type === "bigint" && (integer.low < 0n || integer.high > U64_MAX)) {
    return unit.refuse("HM1104", "this bigint may leave 0..2^64-1; write BigInt.asUintN(64, …)");
  }
  return integer;
};

/** The same of a bigint that a register holds as a signed number, for whoever reads registers so. */
export const signedInteger = (unit: Unit, value: Value, what: string): IntegerValue => {
  const integer = toInteger(unit, value);
  return integer?.type === "bigint" && isWithin(integer, anyRange) ? integer : exactInteger(unit, value, what);
};

export const make = (unit: Unit, type: Expected, node: Node, low: bigint, high: bigint): Value => {
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
  // What a loop's sums are made of; of a sum itself, growth tells.
  const { builder, truths } = unit;
  if (
    (node.op === "mul" || node.op === "mod") &&
    builder.loopDepth > 0 &&
    type === "number" &&
    !isWithin(builder.range(node), { low, high })
  )
    builder.state.set(truths, node, intersect(builder.state.get(truths, node) ?? anyRange, { low, high }));
  return { kind: "integer", type, node, low, high, wrapped: false };
};

export const wrapped = (node: Node): Value => ({
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

export const within = (value: IntegerValue, low: bigint, high: bigint): boolean =>
  !value.wrapped && value.low >= low && value.high <= high;

/** What to write for a boolean that is calculated with. */
export const adviceFor = (value: Value): string =>
  value.kind === "view"
    ? viewAdvice(value)
    : value.kind === "wide"
      ? "; compare it with ===, or look it up in a map: prefixes in an lpmTrie()"
      : value.kind === "boolean" || (isStatic(value) && typeof value.value === "boolean")
        ? "; write condition ? 1 : 0"
        : "";

const viewAdvice = ({ layout: { fields } }: ViewValue): string =>
  fields[0] === undefined ? "" : `; write one of its fields, such as .${fields[0].name}`;
