/** Elements of arrays by an index that is known only at run time. */
import { either } from "./flow.ts";
import { proofAdvice } from "./fresh-reads.ts";
import { compareIntegers } from "./integer-comparisons.ts";
import { exactInteger } from "./integers.ts";
import type { Unit } from "./unit.ts";
import { statik, type IntegerValue, type Value } from "./values.ts";

/** The most elements that an index known only at run time is compared for. */
const MAX_COMPARED = 64;

/** `items[index]`, by halves. */
export const elementAt = (
  unit: Unit,
  items: readonly Value[],
  index: Value,
  node: { readonly start: number; readonly end: number },
): Value => {
  const { length } = items;
  if (length > MAX_COMPARED)
    return unit.refuse(
      "HM1004",
      `an array of more than ${MAX_COMPARED} elements can be indexed only by what is known while compiling; put it into a map, or loop over it with for..of`,
      node,
    );
  const at = exactInteger(unit, index, "an index");
  if (at.low < 0n || at.high >= BigInt(length))
    return unit.refuse(
      "HM1204",
      `the index must be proven to lie in 0..${length - 1}, it is in ${at.low}..${at.high}; ${proofAdvice(unit, at, "test or mask it first", node)}`,
      node,
    );
  return search(unit, items, at, Number(at.low), Number(at.high));
};

const search = (unit: Unit, items: readonly Value[], at: IntegerValue, low: number, high: number): Value => {
  if (low === high) return items[low] as Value;
  const middle = Math.ceil((low + high) / 2);
  return either(
    unit,
    compareIntegers(unit, "<", at, statik(middle)),
    () => search(unit, items, at, low, middle - 1),
    () => search(unit, items, at, middle, high),
  );
};
