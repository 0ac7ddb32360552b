/** Functions a kernel function may call that belong to no object. */
import type { Layout } from "../wire/layout.ts";
import { runtime } from "./runtime.ts";

/** ns of the monotonic clock. */
export const monotonicNs = (): bigint => runtime().monotonic();

/** ns of TAI, which steps with the wall clock; TAI less the wall clock is a whole number of seconds that user space knows. */
export const taiNs = (): bigint => runtime().tai();

/** The CPU the program runs on. */
export const cpuId = (): number => runtime().cpu();

/** 32 random bits. */
export const randomU32 = (): number => runtime().random();

/**
 * A live view of `layout`, `offset` bytes into an array field of a view. The offset must be proven to leave room for it: test
 * it first.
 *
 *     if (at <= 244) viewInto(record, "trace", IoamTraceHeader, at).overflow = 1;
 */
export const viewInto = <T extends object, V>(view: T, field: keyof T & string, layout: Layout<V>, offset: number): V =>
  runtime().viewInto(view, field, layout as Layout, offset) as V;
