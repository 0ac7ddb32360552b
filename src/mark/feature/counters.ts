/** Counters of the kernel programs: one 8-byte counter per reason and CPU. */
import { perCpuArrayMap, type PerCpuArrayMap } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";

export type Counters = PerCpuArrayMap<{ value: bigint }>;

export const counters = (name: string, entries: number): Counters => perCpuArrayMap(u64, { entries, name });
