/** `range(from, to)`: two bounds, until a `for..of` goes over them. */
import { range } from "../../../kernel/range.ts";
import { I32_MAX, I32_MIN, within } from "../integers.ts";
import type { IntegerValue } from "../values.ts";
import { kernelCall, numberArgument, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

const bound = (call: IntrinsicCall, at: number): IntegerValue => {
  const { unit } = call;
  const value = numberArgument(call, at, "a bound of the range");
  if (within(value, I32_MIN, I32_MAX)) return value;
  return unit.refuse(
    "HM1303",
    `the bounds of a range must be proven to lie in -2^31..2^31-1, this one is in ${value.low}..${value.high}; test or mask it first`,
  );
};

export const rangeIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(range, (call) => ({ kind: "range", from: bound(call, 0), to: bound(call, 1) })),
];
