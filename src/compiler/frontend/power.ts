/** `base ** exponent`: factors written out, or a bit. */
import { exactInteger, make, toOneType, within } from "./integers.ts";
import { integerOperation } from "./integer-operations.ts";
import type { Unit } from "./unit.ts";
import { isStatic, type Value } from "./values.ts";

/** The most factors that are written out. */
const MAX_EXPONENT = 8;

/** `base ** exponent`, and `Math.pow`. */
export const power = (unit: Unit, base: Value, exponent: Value): Value => {
  const times = isStatic(exponent) ? Number(exponent.value as number | bigint) : undefined;
  if (times !== undefined && Number.isInteger(times) && times >= 1 && times <= MAX_EXPONENT) {
    const factor = exactInteger(unit, base, "the base");
    if (typeof (exponent as { value: unknown }).value !== factor.type)
      return unit.refuse("HM1101", `** mixes number and bigint; ${toOneType(base, exponent)}`);
    return Array.from({ length: times - 1 }).reduce<Value>((all) => integerOperation(unit, "*", all, factor), factor);
  }
  const isTwo = isStatic(base) && (base.value === 2 || base.value === 2n);
  if (!isTwo)
    return unit.refuse(
      "HM1001",
      `** has no meaning here but with an exponent of 1 to ${MAX_EXPONENT} that is known, and as 2 ** n; write out the factors`,
    );
  const count = exactInteger(unit, exponent, "the exponent");
  if (count.type !== typeof base.value)
    return unit.refuse("HM1101", `** mixes number and bigint; ${toOneType(base, exponent)}`);
  const most = count.type === "number" ? 53n : 63n;
  if (!within(count, 0n, most))
    return unit.refuse("HM1106", `the exponent must be proven to lie in 0..${most}; test it first`);
  const node = unit.builder.binary("shl", unit.builder.constant(1), count.node);
  return make(unit, count.type, node, 1n << count.low, 1n << count.high);
};
