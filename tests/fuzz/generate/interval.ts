/** What a generated expression's value can be: the language's range rules, as the generator needs them to stay within them. */

export interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

export const MAX_SAFE = (1n << 53n) - 1n;
export const I32_MIN = -(1n << 31n);
export const I32_MAX = (1n << 31n) - 1n;
export const U32_MAX = (1n << 32n) - 1n;
export const U64_MAX = (1n << 64n) - 1n;

export const isWithin = (value: Interval, low: bigint, high: bigint): boolean => value.low >= low && value.high <= high;

export const union = (a: Interval, b: Interval): Interval => ({
  low: a.low < b.low ? a.low : b.low,
  high: a.high > b.high ? a.high : b.high,
});

/** The interval of a monotone operation, from its corners. */
export const corners = (a: Interval, b: Interval, apply: (x: bigint, y: bigint) => bigint): Interval => {
  const all = [apply(a.low, b.low), apply(a.low, b.high), apply(a.high, b.low), apply(a.high, b.high)];
  return { low: all.reduce((x, y) => (x < y ? x : y)), high: all.reduce((x, y) => (x > y ? x : y)) };
};

/** All ones up to the highest bit of `value`, which is not negative. */
export const fillBits = (value: bigint): bigint => (1n << BigInt(value.toString(2).length)) - 1n;

export const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** The interval alone of something that has one. */
export const rangeOf = ({ low, high }: Interval): Interval => ({ low, high });
