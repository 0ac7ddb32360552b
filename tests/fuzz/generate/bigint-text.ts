/** `bigint` expressions as text with their range, and what brings them back into 0..2^64-1. */
import { U64_MAX, isWithin, type Interval } from "./interval.ts";
import type { Writing } from "./writing.ts";

export interface BigintText extends Interval {
  readonly text: string;
}

export const make = (text: string, low: bigint, high: bigint): BigintText => ({ text, low, high });
export const isU64 = (value: Interval): boolean => isWithin(value, 0n, U64_MAX);
/** A bigint in 0..2^64-1. */
export const exactBigint = (w: Writing, depth: number): BigintText => {
  const value = w.expressions.bigint(w, depth);
  return isU64(value) ? value : cut(w, value, 64);
};

/** A bigint in 0..2^bits-1. */
export const bigintWithin = (w: Writing, bits: number, depth: number): BigintText => {
  const value = w.expressions.bigint(w, depth);
  if (isWithin(value, 0n, (1n << BigInt(bits)) - 1n)) return value;
  if (isU64(value) && w.random.chance(0.4)) {
    return make(`(${value.text} >> ${64 - bits}n)`, value.low >> BigInt(64 - bits), value.high >> BigInt(64 - bits));
  }
  return cut(w, value, bits);
};

export const cut = (w: Writing, value: BigintText, bits: number): BigintText => {
  const limit = (1n << BigInt(bits)) - 1n;
  if (isWithin(value, 0n, limit)) return make(`BigInt.asUintN(${bits}, ${value.text})`, value.low, value.high);
  if (w.random.chance(0.3)) return make(`(${value.text} & ${limit}n)`, 0n, limit);
  return make(`BigInt.asUintN(${bits}, ${value.text})`, 0n, limit);
};
