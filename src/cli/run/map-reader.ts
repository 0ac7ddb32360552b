import { elementCodec } from "../../bpf/maps/element-codec.ts";
import { KernelMapHandle } from "../../bpf/maps/handle.ts";
import { PerCpuMapHandle } from "../../bpf/maps/per-cpu-handle.ts";
import { MapOfMapsHandle } from "../../bpf/maps/map-of-maps-handle.ts";
import { ProgramArrayHandle } from "../../bpf/maps/program-array-handle.ts";
import { VariableHandle } from "../../bpf/maps/variable-handle.ts";
import { HopmarkError } from "../../errors.ts";
import { sumOf } from "../../kernel/sum.ts";
import { readLayout } from "../../wire/codec.ts";
import { firstCounter, topEntries } from "./top-entries.ts";

/** A key, null for a variable, and what is under it: an object of its fields, of all CPUs added up but where one is named. */
export type MapEntry = readonly [key: unknown, value: unknown, cpu?: number];

export interface MapContents {
  readonly entries: readonly MapEntry[];
  /** There are more than were read. */
  readonly more: boolean;
  /** How many there are, where that is known though there are more. */
  readonly total?: number;
}

export interface ReadOptions {
  /** Entries at most. */
  readonly limit: number;
  /** Of a large map that has no order of its own only so many, those with the highest first counter. */
  readonly top?: number | undefined;
  /** The values of the CPUs each, not added up. */
  readonly perCpu: boolean;
}

/** Reads whatever kind of map this is the handle of; undefined when it is too busy just now. */
export const readMap = (handle: unknown, { limit, top, perCpu }: ReadOptions): MapContents | undefined => {
  if (handle instanceof VariableHandle) return { entries: [[null, { value: handle.value as unknown }]], more: false };
  const entries: MapEntry[] = [];
  try {
    const highest = top === undefined || perCpu ? undefined : readTop(handle, top);
    if (highest !== undefined) return highest;
    for (const entry of entriesOf(handle, perCpu)) {
      if (entries.length === limit) return { entries, more: true };
      entries.push(entry);
    }
  } catch (error) {
    if (error instanceof HopmarkError && error.code === "map-busy") return undefined;
    throw error;
  }
  return { entries, more: false };
};

const entriesOf = (handle: unknown, perCpu: boolean): Iterable<MapEntry> => {
  if (handle instanceof PerCpuMapHandle) return perCpu ? eachCpu(handle) : (handle.sums() as Iterable<MapEntry>);
  if (handle instanceof ProgramArrayHandle || handle instanceof MapOfMapsHandle) return handle.entries();
  if (handle instanceof KernelMapHandle) return handle.entries() as Iterable<MapEntry>;
  throw new TypeError("a handle of no map that has entries");
};

function* eachCpu(handle: PerCpuMapHandle<unknown, unknown>): Generator<MapEntry, void, undefined> {
  for (const [key, values] of handle.entries()) for (const [cpu, value] of values.entries()) yield [key, value, cpu];
}

/** Maps that are declared smaller are read whole. */
const LARGE = 1000;

/** Undefined where all is to be read. */
const readTop = (handle: unknown, top: number): MapContents | undefined => {
  if (!(handle instanceof KernelMapHandle)) return undefined;
  const { raw } = handle as KernelMapHandle<unknown, unknown>;
  const { keyElement, valueLayout, entries: most, type } = raw.descriptor;
  if (most < LARGE || keyElement === null || valueLayout === null || !type.includes("hash")) return undefined;
  const counter = firstCounter(valueLayout);
  if (counter === undefined) return undefined;
  const { entries, total } = topEntries(raw, counter, top);
  const key = elementCodec<unknown>(keyElement);
  const decoded = entries.map((entry): MapEntry => {
    const values = Array.from({ length: raw.cpus }, (_, cpu) => readLayout(valueLayout, entry.value, cpu * raw.stride));
    const [first, ...rest] = values;
    return [key.read(entry.key, 0), rest.length === 0 ? first : sumOf(valueLayout, [first, ...rest])];
  });
  return { entries: decoded, more: total > decoded.length, total };
};
