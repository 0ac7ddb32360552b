/** Typed handles of maps: what user space does with a map that kernel programs share. */
import { MapUpdate, type Element, type MapDescriptor } from "../../kernel/maps.ts";
import { batches, deleteBatch, updateBatch, BATCH_SIZE, type BatchOptions } from "./batch.ts";
import { elementCodec, type ElementCodec } from "./element-codec.ts";
import type { KernelMap } from "./kernel-map.ts";

/** A descriptor that says which JavaScript types its keys and values read as. */
export interface KeyedDescriptor<K, V> extends MapDescriptor {
  readonly keyType?: K;
  readonly valueType?: V;
}

/** A map as a JavaScript object. Values are copies: what the kernel does later does not show in them. */
export interface MapHandle<K, V> extends Iterable<[K, V]> {
  readonly name: string;
  /** A copy of the value, of a per-CPU map of all CPUs' values; undefined when there is no such key. */
  get(key: K): V | undefined;
  /** False when `flags` (`MapUpdate`) were not met. Throws `map-full`, `map-busy`, `out-of-range`. */
  set(key: K, value: V, flags?: number): boolean;
  /** False when there was nothing. */
  delete(key: K): boolean;
  /** All elements, read in batches. What comes and goes meanwhile may or may not be among them. */
  entries(): Generator<[K, V], void, undefined>;
  /** All keys, read in batches with their values. */
  keys(): Generator<K, void, undefined>;
  /** Reads and removes all elements. Hash maps only. */
  drain(): Generator<[K, V], void, undefined>;
  /** Writes many elements, in batches. */
  setAll(entries: Iterable<readonly [K, V]>): void;
  /** Removes many elements, in batches; returns how many were there. */
  deleteAll(keys: Iterable<K>): number;
  /** Nobody in user space may write any more; kernel programs still may. */
  freeze(): void;
}

/** How keys and values of a map become bytes: `V` is one value, or an array of all CPUs'. */
export abstract class KernelMapHandle<K, V> implements MapHandle<K, V> {
  /** The same map as bytes, for hot paths. */
  readonly raw: KernelMap;
  readonly #key: ElementCodec<K>;

  constructor(raw: KernelMap, key: Element) {
    this.raw = raw;
    this.#key = elementCodec<K>(key);
  }

  protected abstract readValue(bytes: Uint8Array, offset: number): V;
  protected abstract writeValue(value: V, bytes: Uint8Array, offset: number): void;

  get name(): string {
    return this.raw.name;
  }

  get(key: K): V | undefined {
    this.#key.write(key, this.raw.key, 0);
    return this.raw.lookup() ? this.readValue(this.raw.value, 0) : undefined;
  }

  set(key: K, value: V, flags: number = MapUpdate.Any): boolean {
    this.#key.write(key, this.raw.key, 0);
    this.writeValue(value, this.raw.value, 0);
    return this.raw.update(flags);
  }

  delete(key: K): boolean {
    this.#key.write(key, this.raw.key, 0);
    return this.raw.delete();
  }

  entries(): Generator<[K, V], void, undefined> {
    return this.#read({});
  }

  drain(): Generator<[K, V], void, undefined> {
    return this.#read({ take: true });
  }

  *keys(): Generator<K, void, undefined> {
    for (const batch of batches(this.raw)) {
      for (let index = 0; index < batch.count; index++) yield this.#key.read(batch.keys, index * this.#key.size);
    }
  }

  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.#read({});
  }

  setAll(entries: Iterable<readonly [K, V]>): void {
    const { key, value } = this.raw;
    const keys = new Uint8Array(key.length * BATCH_SIZE);
    const values = new Uint8Array(value.length * BATCH_SIZE);
    let count = 0;
    for (const [own, ownValue] of entries) {
      this.#key.write(own, keys, count * key.length);
      this.writeValue(ownValue, values, count * value.length);
      if (++count < BATCH_SIZE) continue;
      updateBatch(this.raw, keys, values, count);
      count = 0;
    }
    if (count > 0) updateBatch(this.raw, keys, values, count);
  }

  deleteAll(keys: Iterable<K>): number {
    const size = this.#key.size;
    const bytes = new Uint8Array(size * BATCH_SIZE);
    let count = 0;
    let removed = 0;
    for (const key of keys) {
      this.#key.write(key, bytes, count * size);
      if (++count < BATCH_SIZE) continue;
      removed += deleteBatch(this.raw, bytes, count);
      count = 0;
    }
    return count > 0 ? removed + deleteBatch(this.raw, bytes, count) : removed;
  }

  freeze(): void {
    this.raw.freeze();
  }

  /** Decodes a batch before it hands out the first element: the caller may use the map in between. */
  *#read(options: BatchOptions): Generator<[K, V], void, undefined> {
    for (const batch of batches(this.raw, options)) {
      const elements: [K, V][] = [];
      for (let index = 0; index < batch.count; index++) {
        const key = this.#key.read(batch.keys, index * this.#key.size);
        elements.push([key, this.readValue(batch.values, index * this.raw.value.length)]);
      }
      yield* elements;
    }
  }
}

/** A map with one value under each key. */
export class SharedMapHandle<K, V> extends KernelMapHandle<K, V> {
  readonly #value: ElementCodec<V>;

  constructor(raw: KernelMap, key: Element, value: Element) {
    super(raw, key);
    this.#value = elementCodec<V>(value);
  }

  protected override readValue(bytes: Uint8Array, offset: number): V {
    return this.#value.read(bytes, offset);
  }

  protected override writeValue(value: V, bytes: Uint8Array, offset: number): void {
    this.#value.write(value, bytes, offset);
  }
}
