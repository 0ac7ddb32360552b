/**
 * Many elements a call. A kernel without batches for the map's type (or at all) gets the same work one element a
 * call; which of the two runs is found by trying.
 */
import { HopmarkError } from "../../errors.ts";
import { Errno } from "../../linux/ffi.ts";
import { Attributes } from "../sys/attributes.ts";
import { tryBpf } from "../sys/bpf.ts";
import type { CommandName } from "../sys/constants.ts";
import { BUSY_ATTEMPTS, type KernelMap } from "./kernel-map.ts";

/**
 * Elements as the kernel gave them: keys of `map.key.length` bytes each, values of `map.value.length`. The buffers are
 * overwritten by the next batch, and by other calls on the map.
 */
export interface Batch {
  /** Entries in `keys` and `values`. */
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}

/** How a map is read in batches. */
export interface BatchOptions {
  /** Elements a call. */
  readonly size?: number;
  /** Remove what is read, in the same step. Hash maps only. */
  readonly take?: boolean;
}

export const BATCH_SIZE = 4096;

/** All elements. What is added or removed meanwhile may or may not be among them; nothing that stays is missing. */
export function* batches(map: KernelMap, options: BatchOptions = {}): Generator<Batch, void, undefined> {
  const take = options.take === true;
  const size = Math.max(1, Math.min(options.size ?? BATCH_SIZE, map.info.entries));
  if (yield* inBatches(map, take, size)) return;
  yield* take ? takeOneByOne(map) : oneByOne(map);
}

/** Calls that the kernel answers so have no batches for this map. */
const isUnsupported = (result: number): boolean =>
  result === -Errno.ENOTSUPP || result === -Errno.EOPNOTSUPP || result === -Errno.EINVAL;

/** False when the kernel has no batches for this map: nothing was read then. */
function* inBatches(map: KernelMap, take: boolean, size: number): Generator<Batch, boolean, undefined> {
  const command: CommandName = take ? "MAP_LOOKUP_AND_DELETE_BATCH" : "MAP_LOOKUP_BATCH";
  // A cursor is a bucket's number or a key, whichever the map's type uses.
  let cursor = new Uint8Array(Math.max(8, map.key.length));
  let next = new Uint8Array(cursor.length);
  let first = true;
  let capacity = size;
  let batch = buffers(map, capacity);
  for (let attempt = 0; attempt < BUSY_ATTEMPTS;) {
    const attributes = new Attributes().pointer(8, next).pointer(16, batch.keys).pointer(24, batch.values);
    attributes.u32(32, capacity).u32(36, map.fd);
    if (!first) attributes.pointer(0, cursor);
    const result = tryBpf(command, attributes);
    if (result >= 0 || result === -Errno.ENOENT) {
      const count = attributes.get(32);
      if (count > 0) yield { count, keys: batch.keys, values: batch.values };
      if (result < 0) return true;
      [cursor, next] = [next, cursor];
      first = false;
      attempt = 0;
    } else if (result === -Errno.ENOSPC) {
      // One bucket of a hash map holds more than fits; buckets come whole.
      capacity *= 2;
      batch = buffers(map, capacity);
      attempt += BUSY_ATTEMPTS / 16;
    } else if (result === -Errno.EBUSY) {
      attempt++;
    } else if (first && isUnsupported(result)) {
      return false;
    } else {
      throw map.error(command, result);
    }
  }
  throw map.error(command, Errno.EBUSY);
}

const buffers = (map: KernelMap, count: number): { keys: Uint8Array; values: Uint8Array } => ({
  keys: new Uint8Array(map.key.length * count),
  values: new Uint8Array(map.value.length * count),
});

/** A map that changes under a key-by-key walk sends it back to the start; this many times its size is enough. */
const WALK_LIMIT = 4;

export function* oneByOne(map: KernelMap): Generator<Batch, void, undefined> {
  const seen = new Set<string>();
  const current = new Uint8Array(map.key.length);
  let steps = WALK_LIMIT * map.info.entries + 16;
  for (let more = map.advance("first"); more; more = map.advance("key")) {
    if (steps-- === 0) {
      throw new HopmarkError("map-changing", `map ${map.name} changes faster than it can be read`, {
        hint: "read it when fewer entries come and go",
      });
    }
    current.set(map.key);
    const name = Buffer.from(current).toString("latin1");
    if (!seen.has(name) && map.lookup()) {
      seen.add(name);
      yield { count: 1, keys: current, values: map.value };
    }
    map.key.set(current);
  }
}

export function* takeOneByOne(map: KernelMap): Generator<Batch, void, undefined> {
  for (let left = map.info.entries; left > 0 && map.advance("first"); left--) {
    if (map.take()) yield { count: 1, keys: map.key, values: map.value };
  }
}

/** Writes `count` elements that lie one behind the other. */
export const updateBatch = (map: KernelMap, keys: Uint8Array, values: Uint8Array, count: number): void => {
  const done = runBatch(map, "MAP_UPDATE_BATCH", keys, values, count, () => 0);
  for (let index = done; index < count; index++) {
    map.key.set(keys.subarray(index * map.key.length, (index + 1) * map.key.length));
    map.value.set(values.subarray(index * map.value.length, (index + 1) * map.value.length));
    map.update(0);
  }
};

/** Removes `count` keys that lie one behind the other; returns how many were there. */
export const deleteBatch = (map: KernelMap, keys: Uint8Array, count: number): number => {
  let missing = 0;
  // The kernel stops at a key that is not there.
  const done = runBatch(map, "MAP_DELETE_BATCH", keys, undefined, count, (result) => {
    if (result !== -Errno.ENOENT) return 0;
    missing++;
    return 1;
  });
  for (let index = done; index < count; index++) {
    map.key.set(keys.subarray(index * map.key.length, (index + 1) * map.key.length));
    if (!map.delete()) missing++;
  }
  return count - missing;
};

/** Returns how many elements are dealt with: all, or none when the kernel has no batches for this map. */
const runBatch = (
  map: KernelMap,
  command: "MAP_UPDATE_BATCH" | "MAP_DELETE_BATCH",
  keys: Uint8Array,
  values: Uint8Array | undefined,
  count: number,
  skip: (result: number) => number,
): number => {
  let done = 0;
  for (let attempt = 0; done < count && attempt < BUSY_ATTEMPTS;) {
    const attributes = new Attributes().pointer(16, keys.subarray(done * map.key.length));
    if (values !== undefined) attributes.pointer(24, values.subarray(done * map.value.length));
    attributes.u32(32, count - done).u32(36, map.fd);
    const result = tryBpf(command, attributes);
    if (result >= 0) return count;
    // Refused before it began, the kernel leaves the count as it was.
    if (done === 0 && attempt === 0 && isUnsupported(result) && attributes.get(32) % count === 0) return 0;
    const skipped = skip(result);
    if (skipped === 0 && result !== -Errno.EBUSY) throw map.error(command, result);
    attempt = skipped === 0 ? attempt + 1 : 0;
    done += attributes.get(32) + skipped;
  }
  if (done < count) throw map.error(command, Errno.EBUSY);
  return done;
};
