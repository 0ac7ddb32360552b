/** Indexes whose range the compiler and the verifier can prove, in the ways people write them. */
import { exactNumber } from "./number-text.ts";
import { isWithin } from "./interval.ts";
import type { Writing } from "./writing.ts";

/** An expression in 0..length-1. */
export const indexBelow = (w: Writing, length: number): string => {
  const { random } = w;
  if (length === 1) return "0";
  const last = BigInt(length - 1);
  const proven = w.scope
    .variables()
    .filter(
      (variable) => variable.kind === "number" && !variable.wrapped && isWithin(w.scope.rangeOf(variable), 0n, last),
    );
  if (proven.length > 0 && random.chance(0.5)) return random.pick(proven).name;
  // The number may be read from an array, at an index that is a number, …
  if (w.indexDepth > 2 || random.chance(0.35)) return String(random.below(length));
  const isPowerOfTwo = (length & (length - 1)) === 0;
  w.indexDepth++;
  const text = random.weighted<() => string>([
    [isPowerOfTwo ? 4 : 0, () => `${w.expressions.number(w, 1).text} & ${length - 1}`],
    [3, () => `${natural(w)} % ${length}`],
    [2, () => `Math.min(${natural(w)}, ${length - 1})`],
    [1, () => `(${w.expressions.number(w, 1).text} >>> 0) % ${length}`],
    [isPowerOfTwo ? 1 : 0, () => `${w.expressions.number(w, 1).text} >>> ${32 - Math.log2(length)}`],
  ])();
  w.indexDepth--;
  return text;
};

/** An exact number that is not negative, in parentheses where it needs them. */
export const natural = (w: Writing): string => {
  const value = exactNumber(w, 1);
  return value.low >= 0n ? value.text : `(${value.text} >>> 0)`;
};
