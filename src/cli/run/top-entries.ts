/** The highest of a large map, chosen by their bytes: only those are decoded, however many there are. */
import { batches } from "../../bpf/maps/batch.ts";
import type { KernelMap } from "../../bpf/maps/kernel-map.ts";
import type { Layout } from "../../wire/layout.ts";

export interface RawEntry {
  readonly key: Uint8Array;
  /** One value, or all CPUs'. */
  readonly value: Uint8Array;
}

export interface TopEntries {
  /** Highest first. */
  readonly entries: readonly RawEntry[];
  /** How many there are in all. */
  readonly total: number;
}

/** A number in a value: where it starts, and how many bytes it has. */
export interface Counter {
  readonly offset: number;
  readonly bytes: 4 | 8;
}

/** The first counter of a value; undefined when it starts with none that is read so simply. */
export const firstCounter = (layout: Layout): Counter | undefined => {
  for (const { type, bitOffset } of layout.fields) {
    const offset = bitOffset / 8;
    if (type.kind === "nested") {
      const inner = firstCounter(type.layout as Layout);
      return inner === undefined ? undefined : { ...inner, offset: offset + inner.offset };
    }
    if (type.kind === "bits") return undefined;
    if (type.kind !== "integer") continue;
    const isPlain = (type.bits === 32 || type.bits === 64) && type.order === "little" && !type.signed;
    return isPlain ? { offset, bytes: type.bits === 32 ? 4 : 8 } : undefined;
  }
  return undefined;
};

/** At most `limit` entries; the counters of all CPUs count together. */
export const topEntries = (map: KernelMap, counter: Counter, limit: number): TopEntries => {
  const { cpus, stride } = map;
  const keyBytes = map.key.length;
  const valueBytes = map.value.length;
  let kept: (RawEntry & { readonly size: number })[] = [];
  let least = -1;
  let total = 0;
  for (const { count, keys, values } of batches(map)) {
    total += count;
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    for (let at = 0; at < count; at++) {
      let size = 0;
      for (let cpu = 0; cpu < cpus; cpu++) size += counterAt(view, at * valueBytes + cpu * stride, counter);
      if (size <= least) continue;
      const key = keys.slice(at * keyBytes, (at + 1) * keyBytes);
      kept.push({ key, value: values.slice(at * valueBytes, (at + 1) * valueBytes), size });
      // Sorted now and then, not for each: what is below the last that counts is no longer looked at.
      if (kept.length >= 4 * limit) {
        kept = highest(kept, limit);
        least = kept.at(-1)?.size ?? -1;
      }
    }
  }
  return { entries: highest(kept, limit), total };
};

const counterAt = (view: DataView, at: number, { offset, bytes }: Counter): number =>
  bytes === 4
    ? view.getUint32(at + offset, true)
    : view.getUint32(at + offset, true) + view.getUint32(at + offset + 4, true) * 2 ** 32;

const highest = <E extends { readonly size: number }>(entries: readonly E[], limit: number): E[] =>
  entries.toSorted((one, other) => other.size - one.size).slice(0, limit);
