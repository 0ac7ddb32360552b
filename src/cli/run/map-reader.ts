import { KernelMapHandle } from "../../bpf/maps/handle.ts";
import { PerCpuMapHandle } from "../../bpf/maps/per-cpu-handle.ts";
import { MapOfMapsHandle } from "../../bpf/maps/map-of-maps-handle.ts";
import { ProgramArrayHandle } from "../../bpf/maps/program-array-handle.ts";
import { VariableHandle } from "../../bpf/maps/variable-handle.ts";
import { HopmarkError } from "../../errors.ts";

/** A key, null for a variable, and what is under it: an object of its fields, of all CPUs added up. */
export type MapEntry = readonly [key: unknown, value: unknown];

export interface MapContents {
  readonly entries: readonly MapEntry[];
  /** There are more than were read. */
  readonly more: boolean;
}

/** Reads at most `limit` entries of whatever kind of map this is the handle of; undefined when it is too busy just now. */
export const readMap = (handle: unknown, limit: number): MapContents | undefined => {
  if (handle instanceof VariableHandle) return { entries: [[null, { value: handle.value as unknown }]], more: false };
  const entries: MapEntry[] = [];
  try {
    for (const entry of entriesOf(handle)) {
      if (entries.length === limit) return { entries, more: true };
      entries.push(entry);
    }
  } catch (error) {
    if (error instanceof HopmarkError && error.code === "map-busy") return undefined;
    throw error;
  }
  return { entries, more: false };
};

const entriesOf = (handle: unknown): Iterable<MapEntry> => {
  if (handle instanceof PerCpuMapHandle) return handle.sums() as Iterable<MapEntry>;
  if (handle instanceof ProgramArrayHandle || handle instanceof MapOfMapsHandle) return handle.entries();
  if (handle instanceof KernelMapHandle) return handle.entries() as Iterable<MapEntry>;
  throw new TypeError("a handle of no map that has entries");
};
