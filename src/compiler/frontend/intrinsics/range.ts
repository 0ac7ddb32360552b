/** `range(from, to)`: two bounds, until a `for..of` goes over them. */
import { range } from "../../../kernel/range.ts";
import { I32_MAX, I32_MIN, exactInteger, within } from "../integers.ts";
import type { IntegerValue } from "../values.ts";
import { argument, kernelCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

const bound = (call: IntrinsicCall, at: number): IntegerValue => {
  const { unit, node } = call;
  const value = exactInteger(unit, argument(call, at, "a bound of the range"), "a bound of the range");
  if (value.type !== "number")
    return unit.refuse("HM1101", "range() goes over numbers, not over bigints; convert with Number(…)", node);
  if (within(value, I32_MIN, I32_MAX)) return value;
  return unit.refuse(
    "HM1303",
    `the bounds of a range must be proven to lie in -2^31..2^31-1, this one is in ${value.low}..${value.high}; test or mask it first`,
    node,
  );
};

export const rangeIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(range, (call) => ({ kind: "range", from: bound(call, 0), to: bound(call, 1) })),
];
