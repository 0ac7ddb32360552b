/** Counters of the kernel programs: one 8-byte counter per reason and CPU. */
import { perCpuArrayMap, type ArrayMap } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";

export type Counters = ArrayMap<{ value: bigint }>;

export const counters = (name: string, reasons: readonly string[]): Counters =>
  perCpuArrayMap(u64, { entries: reasons.length, name });
