/** Divisions of what is not negative: the kernel divides unsigned. */
import { proofAdvice } from "./fresh-reads.ts";
import { MAX_SAFE, exactInteger, make, toInteger } from "./integers.ts";
import type { Unit } from "./unit.ts";
import type { IntegerValue, Value } from "./values.ts";

/** Truncating division or remainder of values that are not negative. */
export const divide = (unit: Unit, op: "div" | "mod", left: IntegerValue, right: IntegerValue): Value => {
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

/** What `Math.trunc` and its kin make of a quotient. */
export type Rounding = "trunc" | "floor" | "ceil" | "round";

/**
 * `Math.trunc(left / right)` and its kin. JavaScript rounds the quotient to 53 bits first, which moves it to no whole number,
 * nor to a half, as long as the dividend is below 2^52.
 */
export const roundedDivision = (unit: Unit, rounding: Rounding, left: Value, right: Value): Value => {
  const a = toInteger(unit, left);
  const b = toInteger(unit, right);
  if (a === null || b === null)
    return unit.refuse("HM1109", "a division needs integers; write condition ? 1 : 0 for a boolean");
  if (a.type !== "number" || b.type !== "number")
    return unit.refuse(
      "HM1101",
      `Math.${rounding} takes numbers; a division of bigints is whole already, so write it alone`,
    );
  if (rounding === "trunc" || rounding === "floor") return divide(unit, "div", a, b);
  // Refuses what cannot be divided.
  divide(unit, "div", a, b);
  if (a.high > MAX_SAFE / 2n || b.high > MAX_SAFE / 2n)
    return unit.refuse("HM1103", `Math.${rounding} of a division needs numbers of at most 2^52; bound them first`);
  const { builder } = unit;
  if (rounding === "ceil") {
    const before = builder.binary("sub", b.node, builder.constant(1));
    const up = builder.binary("add", a.node, before);
    return divide(unit, "div", { ...a, node: up, low: a.low + b.low - 1n, high: a.high + b.high - 1n }, b);
  }
  const twice = (value: IntegerValue): IntegerValue => ({
    ...value,
    node: builder.binary("shl", value.node, builder.constant(1)),
    low: value.low * 2n,
    high: value.high * 2n,
  });
  const [half, double] = [twice(a), twice(b)];
  const up = builder.binary("add", half.node, b.node);
  return divide(unit, "div", { ...half, node: up, low: half.low + b.low, high: half.high + b.high }, double);
};
