/** JavaScript's own functions on integers. */
import { booleanValue } from "../conditions.ts";
import { truth } from "../comparisons.ts";
import { either } from "../flow.ts";
import { compareIntegers } from "../integer-comparisons.ts";
import { exactInteger, toInteger } from "../integers.ts";
import { asIntN, asUintN, integerOperation, multiply32, negative, toBigInt, toNumber } from "../integer-operations.ts";
import { power } from "../power.ts";
import { numberOf } from "../select.ts";
import type { Unit } from "../unit.ts";
import { isStatic, statik, type IntegerValue, type Value } from "../values.ts";
import { argument, pureCall, staticArgument, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

/** A number, whole in its register. */
const number = (call: IntrinsicCall, at: number, fn: string): IntegerValue => {
  const value = exactInteger(call.unit, argument(call, at, "a number"), "the argument");
  if (value.type === "number") return value;
  return call.unit.refuse(
    "HM1101",
    `${fn} takes numbers, and throws in JavaScript for a bigint; ${bigintAdvice[fn] ?? "convert with Number(…)"}`,
  );
};

const bigintAdvice: Readonly<Record<string, string>> = {
  "Math.min": "write a < b ? a : b",
  "Math.max": "write a > b ? a : b",
  "Math.abs": "write a < b ? b - a : a - b of what it is the difference of",
};

/** The smaller or larger of two or more. */
const extreme = (call: IntrinsicCall, operator: "<" | ">"): Value => {
  const fn = operator === "<" ? "Math.min" : "Math.max";
  return call.args
    .map((_, at): Value => number(call, at, fn))
    .reduce((best, next) => {
      const { unit } = call;
      return either(
        unit,
        compareIntegers(unit, operator, next, best),
        () => next,
        () => best,
      );
    });
};

/** What JavaScript makes of a number that is whole already. */
const whole = (fn: (x: number) => number): IntrinsicEntry => pureCall(fn, (call) => number(call, 0, `Math.${fn.name}`));

const zero = statik(0);

const absolute = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const value = number(call, 0, "Math.abs");
  return either(
    unit,
    compareIntegers(unit, "<", value, zero),
    () => negative(unit, value),
    () => value,
  );
};

const sign = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const value = number(call, 0, "Math.sign");
  return either(
    unit,
    compareIntegers(unit, "===", value, zero),
    () => zero,
    () =>
      either(
        unit,
        compareIntegers(unit, "<", value, zero),
        () => statik(-1),
        () => statik(1),
      ),
  );
};

/** Zeros in front of the first bit of 32: halved five times. */
const leadingZeros = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const value = toInteger(unit, argument(call, 0, "a number"));
  if (value?.type !== "number") number(call, 0, "Math.clz32");
  let rest = integerOperation(unit, ">>>", value as IntegerValue, zero);
  let zeros: Value = zero;
  for (const bits of [16, 8, 4, 2, 1]) {
    const isHigh = compareIntegers(unit, "<", rest, statik(2 ** (32 - bits)));
    const [before, above] = [zeros, rest];
    zeros = either(
      unit,
      isHigh,
      () => plus(unit, before, bits),
      () => before,
    );
    rest = either(
      unit,
      isHigh,
      () => shifted(unit, above, bits),
      () => above,
    );
  }
  return either(
    unit,
    compareIntegers(unit, "===", rest, zero),
    () => statik(32),
    () => zeros,
  );
};

const plus = (unit: Unit, value: Value, more: number): Value =>
  isStatic(value) ? statik((value.value as number) + more) : integerOperation(unit, "+", value, statik(more));

const shifted = (unit: Unit, value: Value, bits: number): Value =>
  integerOperation(unit, ">>>", integerOperation(unit, "<<", value, statik(bits)), zero);

export const mathIntrinsics: readonly IntrinsicEntry[] = [
  pureCall(Math.imul, (call) => multiply32(call.unit, argument(call, 0, "a factor"), argument(call, 1, "a factor"))),
  pureCall(Math.min, (call) => extreme(call, "<")),
  pureCall(Math.max, (call) => extreme(call, ">")),
  whole(Math.trunc),
  whole(Math.floor),
  whole(Math.ceil),
  whole(Math.round),
  pureCall(Math.abs, absolute),
  pureCall(Math.sign, sign),
  pureCall(Math.clz32, leadingZeros),
  pureCall(Math.pow, (call) => power(call.unit, argument(call, 0, "the base"), argument(call, 1, "the exponent"))),
  pureCall(BigInt, (call) => toBigInt(call.unit, argument(call, 0, "a number"))),
  pureCall(Number, (call) => {
    const value = argument(call, 0, "a bigint");
    if (value.kind !== "boolean") return toNumber(call.unit, value);
    return numberOf(call.unit, value);
  }),
  pureCall(Boolean, (call) => booleanValue(truth(call.unit, argument(call, 0, "a value")))),
  pureCall(BigInt.asUintN, (call) => asUintN(call.unit, width(call, "asUintN"), argument(call, 1, "a bigint"))),
  pureCall(BigInt.asIntN, (call) => asIntN(call.unit, width(call, "asIntN"), argument(call, 1, "a bigint"))),
  ...[Number.isInteger, Number.isSafeInteger, Number.isFinite, Number.isNaN].map((fn) =>
    pureCall(fn, (call) => {
      const { type } = exactInteger(call.unit, argument(call, 0, "a number"), "the argument");
      return statik(type === "number" && fn !== Number.isNaN);
    }),
  ),
];

const width = (call: IntrinsicCall, fn: string): number => {
  const bits = staticArgument(call, 0, "the width");
  if (typeof bits === "number" && Number.isInteger(bits) && bits >= 1 && bits <= 64) return bits;
  return call.unit.refuse("HM1007", `the width must be 1 to 64; BigInt.${fn}(64, …) is what a register holds`);
};
