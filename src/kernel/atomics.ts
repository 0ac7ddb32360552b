/**
 * Memory that other CPUs, or user space, read and write at the same time: native integer fields of map values and global variables.
 *
 * A field is named by its view and its name; a nested struct is a view of its own, an element of an array is named by the array and
 * its index, a variable by itself and `"value"`:
 *
 *     fetchAdd(flow, "packets", 1n);
 *     atomicStore(flow.state, "epoch", now);
 *     atomicAdd(flow.histogram, bucket, 1n);
 *     atomicAdd(lost, "value", 1);
 *
 * Fields of 1, 2, 4 and 8 bytes can be loaded and stored, those of 4 and 8 changed. Values wrap to the field's width, and are
 * `number` or `bigint` as the field is. Loads, stores and `atomicAdd` order nothing around them; the functions that return what
 * was there before are full barriers.
 */
import { Variable } from "./maps.ts";
import { runtime, type AtomicCell } from "./runtime.ts";

type NumericField<T> = { [K in keyof T]: T[K] extends number | bigint ? K : never }[keyof T] & string;

/** What names a field of a view, or an element of an array. */
export type AtomicField<T> = T extends readonly (number | bigint)[] ? number : NumericField<T>;

/** The field's value. */
export type AtomicValue<T, K> = T extends readonly (infer E)[] ? E : K extends keyof T ? T[K] : never;

/** Reads a field in one access of its width, here and now: never merged with another, repeated or left out. */
export const atomicLoad = <T extends object, K extends AtomicField<T>>(view: T, field: K): AtomicValue<T, K> =>
  cell(view, field, 1).get() as AtomicValue<T, K>;

/** Writes a field in one access of its width. */
export const atomicStore = <T extends object, K extends AtomicField<T>>(
  view: T,
  field: K,
  value: AtomicValue<T, K>,
): void => cell(view, field, 1).set(value as number | bigint);

/** Adds to a field in one step, without telling what it held: cheaper than {@link fetchAdd}. */
export const atomicAdd = <T extends object, K extends AtomicField<T>>(
  view: T,
  field: K,
  operand: AtomicValue<T, K>,
): void => void fetchAdd(view, field, operand);

/** Adds to a field in one step; returns what it held before. */
export const fetchAdd = <T extends object, K extends AtomicField<T>>(
  view: T,
  field: K,
  operand: AtomicValue<T, K>,
): AtomicValue<T, K> => {
  const place = cell(view, field, 4);
  const old = place.get();
  const sum = BigInt.asUintN(64, BigInt(old) + BigInt(operand as number | bigint));
  place.set(typeof old === "bigint" ? sum : Number(BigInt.asUintN(place.bits, sum)));
  return old as AtomicValue<T, K>;
};

/** Writes a field in one step; returns what it held before. */
export const exchange = <T extends object, K extends AtomicField<T>>(
  view: T,
  field: K,
  value: AtomicValue<T, K>,
): AtomicValue<T, K> => {
  const place = cell(view, field, 4);
  const old = place.get();
  place.set(value as number | bigint);
  return old as AtomicValue<T, K>;
};

/**
 * Writes `replacement` if the field holds `expected`, in one step; returns what it held before, `expected` when it was written.
 *
 *     const claimed = compareExchange(slot, "owner", 0, id) === 0;
 */
export const compareExchange = <T extends object, K extends AtomicField<T>>(
  view: T,
  field: K,
  expected: AtomicValue<T, K>,
  replacement: AtomicValue<T, K>,
): AtomicValue<T, K> => {
  const place = cell(view, field, 4);
  const old = place.get();
  const bitsOf = (value: number | bigint): bigint => BigInt.asUintN(place.bits, BigInt(value));
  if (bitsOf(old) === bitsOf(expected as number | bigint)) place.set(replacement as number | bigint);
  return old as AtomicValue<T, K>;
};

const cell = (view: object, field: string | number, least: 1 | 4): AtomicCell =>
  runtime().cell(view instanceof Variable ? (runtime().variable(view) as object) : view, field, least);
