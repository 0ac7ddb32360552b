/** What user space does with simulated maps: the same calls as on the handles of a running program. */
import { HopmarkError, SyscallError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import { sumOf } from "../sum.ts";
import { MapUpdate, type Element, type MapDescriptor } from "../maps.ts";
import { decodeElement, encodeElement } from "./element-bytes.ts";
import type { Memory } from "./memory.ts";
import type { StoredMap } from "./stored-map.ts";
import type { StoredRing } from "./stored-ring.ts";

/** A map as a JavaScript object; `V` is one value, or an array of all CPUs'. Values are copies. */
export class SimulatedMap<K, V> implements Iterable<[K, V]> {
  readonly name: string;
  readonly #map: StoredMap;
  readonly #key: Element;
  readonly #value: Element;
  readonly #perCpu: boolean;
  #frozen = false;

  constructor(map: StoredMap, key: Element, value: Element, perCpu: boolean) {
    this.#map = map;
    this.#key = key;
    this.#value = value;
    this.#perCpu = perCpu;
    this.name = map.descriptor.name;
  }

  /** The map as bytes, for maps that hold maps. */
  get stored(): StoredMap {
    return this.#map;
  }

  /** A copy of the value, of a per-CPU map of all CPUs' values; undefined when there is no such key. */
  get(key: K): V | undefined {
    const slots = this.#map.peek(encodeElement(this.#key, key));
    return slots === null ? undefined : this.#decode(slots);
  }

  /** False when `flags` (`MapUpdate`) were not met. Throws `map-full`, `out-of-range`, `map-frozen`. */
  set(key: K, value: V, flags: number = MapUpdate.Any): boolean {
    this.#writable();
    const values = (this.#perCpu ? (value as readonly unknown[]) : [value]).map((one) =>
      encodeElement(this.#value, one),
    );
    switch (this.#map.update(encodeElement(this.#key, key), values, flags, undefined)) {
      case "full":
        throw new HopmarkError(
          "map-full",
          `map ${this.name} is full: it has room for ${this.#map.descriptor.entries} entries`,
          { hint: "remove entries, or declare the map with more" },
        );
      case "range":
        throw new HopmarkError("out-of-range", `map ${this.name} has no room for this key`, {
          hint: rangeOf(this.#map.descriptor),
        });
      case "flags":
        return false;
      case null:
        return true;
    }
  }

  /** False when there was nothing. */
  delete(key: K): boolean {
    this.#writable();
    const removed = this.#map.remove(encodeElement(this.#key, key));
    if (removed === null) throw new SyscallError("bpf MAP_DELETE_ELEM", "EINVAL", `map ${this.name}`);
    return removed;
  }

  /** All elements, in no order that means something. */
  *entries(): Generator<[K, V], void, undefined> {
    for (const [key, slots] of this.#map.entries()) yield [decodeElement(this.#key, key) as K, this.#decode(slots)];
  }

  /** Their keys. */
  *keys(): Generator<K, void, undefined> {
    for (const [key] of this.#map.entries()) yield decodeElement(this.#key, key) as K;
  }

  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.entries();
  }

  /** Reads and removes all elements. */
  *drain(): Generator<[K, V], void, undefined> {
    for (const [key, value] of this.entries()) {
      this.delete(key);
      yield [key, value];
    }
  }

  /** Writes many elements. Throws as `set` does; those before stay written. */
  setAll(entries: Iterable<readonly [K, V]>): void {
    for (const [key, value] of entries) this.set(key, value);
  }

  /** Returns how many were there. */
  deleteAll(keys: Iterable<K>): number {
    let count = 0;
    for (const key of keys) if (this.delete(key)) count++;
    return count;
  }

  /** User space may not write any more; programs still may. */
  freeze(): void {
    this.#frozen = true;
  }

  #writable(): void {
    if (!this.#frozen) return;
    throw new HopmarkError("map-frozen", `map ${this.name} is read-only for user space`, {
      hint: "write before freeze(), or let a kernel program write",
    });
  }

  #decode(slots: readonly Memory[]): V {
    const values = slots.map((memory) => decodeElement(this.#value, memory.bytes));
    return (this.#perCpu ? values : values[0]) as V;
  }
}

/** Which keys a map takes that does not take all. */
const rangeOf = ({ type, keySize, entries }: MapDescriptor): string =>
  type === "lpm_trie" ? `a prefix has 0 to ${(keySize - 4) * 8} bits` : `it has indexes 0 to ${entries - 1}`;

/** A map that holds one value for each CPU: every value is an array, by CPU number. */
export class SimulatedPerCpuMap<K, V> extends SimulatedMap<K, readonly V[]> {
  readonly #layout: Layout;
  readonly #cpus: number;

  constructor(map: StoredMap, key: Element, value: Layout, cpus: number) {
    super(map, key, value, true);
    this.#layout = value;
    this.#cpus = cpus;
  }

  override set(key: K, values: readonly V[], flags: number = MapUpdate.Any): boolean {
    const given = Array.isArray(values) ? values.length : 1;
    if (given !== this.#cpus || !Array.isArray(values))
      throw new HopmarkError(
        "out-of-range",
        `map ${this.name} holds ${this.#cpus} values a key, one for each CPU, not ${given}`,
        { hint: `give an array of so many, or make the maps with new SimulatedMaps({ cpus: ${given} })` },
      );
    return super.set(key, values, flags);
  }

  /**
   * All CPUs' integers added, field by field; text, addresses and bit fields are those of the first CPU that has some.
   * Undefined when there is no such key.
   */
  sum(key: K): V | undefined {
    const values = this.get(key);
    return values === undefined ? undefined : this.#total(values);
  }

  /** All elements, each added up over the CPUs as {@link sum} does. */
  *sums(): Generator<[K, V], void, undefined> {
    for (const [key, values] of this.entries()) yield [key, this.#total(values)];
  }

  #total(values: readonly V[]): V {
    return sumOf(this.#layout, values as readonly [V, ...V[]]);
  }
}

/** A global variable. */
export class SimulatedVariable<T> {
  readonly #map: SimulatedMap<number, { value: T }>;

  constructor(map: SimulatedMap<number, { value: T }>) {
    this.#map = map;
  }

  get name(): string {
    return this.#map.name;
  }

  get value(): T {
    const found = this.#map.get(0);
    if (found === undefined) throw new HopmarkError("out-of-range", `variable ${this.name} has no value`);
    return found.value;
  }

  set value(value: T) {
    this.#map.set(0, { value });
  }

  /** User space may not write any more (`map-frozen`); programs still may. */
  freeze(): void {
    this.#map.freeze();
  }
}

/** A ring buffer's reading end. */
export class SimulatedRing {
  /** The ring as bytes. */
  readonly stored: StoredRing;

  constructor(ring: StoredRing) {
    this.stored = ring;
  }

  get name(): string {
    return this.stored.descriptor.name;
  }

  /** All records that were not read yet, oldest first; makes room for as many. */
  drain(): Uint8Array[] {
    return this.stored.drain();
  }
}

/** A descriptor that says which JavaScript types its keys and values read as. */
export interface KeyedDescriptor<K, V> extends MapDescriptor {
  readonly keyElement: Element;
  readonly valueLayout: Layout;
  readonly keyType?: K;
  readonly valueType?: V;
}
