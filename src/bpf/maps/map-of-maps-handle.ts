import { HopmarkError } from "../../errors.ts";
import type { InnerMap, MapOfMaps } from "../../kernel/map-of-maps.ts";
import { Errno } from "../../linux/ffi.ts";
import { elementCodec, type ElementCodec } from "./element-codec.ts";
import { updateBatch } from "./batch.ts";
import type { KernelMap } from "./kernel-map.ts";
import type { Shareable } from "./share.ts";

/** A map whose values are maps. */
export class MapOfMapsHandle<K, M extends InnerMap> {
  /** The same map as bytes. */
  readonly raw: KernelMap;
  readonly #inner: M;
  readonly #key: ElementCodec<K>;

  constructor(raw: KernelMap, { inner, keyElement }: MapOfMaps<K, M>) {
    this.raw = raw;
    this.#inner = inner;
    this.#key = elementCodec<K>(keyElement);
  }

  get name(): string {
    return this.raw.name;
  }

  /** The kernel's id of the map under `key`; undefined when there is none. */
  get(key: K): number | undefined {
    this.#key.write(key, this.raw.key, 0);
    return this.raw.lookup() ? numbers(this.raw.value).getUint32(0, true) : undefined;
  }

  /**
   * Programs that look `key` up from now on find this map: the handle of a map declared as the inner ones are, or
   * `{ raw: createMap(…) }`. It may be closed then.
   * @throws HopmarkError `map-mismatch`, `map-full`, `out-of-range`
   */
  set(key: K, map: Shareable): void {
    this.#key.write(key, this.raw.key, 0);
    numbers(this.raw.value).setInt32(0, map.raw.fd, true);
    const result = this.raw.tryUpdate(0);
    if (result >= 0) return;
    if (result !== -Errno.EINVAL) throw this.raw.error("MAP_UPDATE_ELEM", result);
    const { type, keySize, valueSize, entries } = this.#inner;
    throw new HopmarkError(
      "map-mismatch",
      `map ${this.name} takes maps of type ${type} with keys of ${keySize} and values of ${valueSize} bytes, and not ${map.raw.name}`,
      { hint: `declare the inner maps alike, flags included; arrays with as many entries (${entries})` },
    );
  }

  /**
   * The same for many, all at once where the kernel can do that: for each call it waits until no program uses what was there,
   * milliseconds. Maps that are there already stay.
   */
  setAll(entries: readonly (readonly [key: K, map: Shareable])[]): void {
    const other = entries.filter(([key, map]) => this.get(key) !== map.raw.info.id);
    const { key: keyBytes, value: valueBytes } = this.raw;
    const keys = new Uint8Array(other.length * keyBytes.length);
    const values = new Uint8Array(other.length * valueBytes.length);
    other.forEach(([key, map], at) => {
      this.#key.write(key, keys, at * keyBytes.length);
      numbers(values).setInt32(at * valueBytes.length, map.raw.fd, true);
    });
    try {
      if (other.length > 0) updateBatch(this.raw, keys, values, other.length);
    } catch (error) {
      if (!(error instanceof HopmarkError)) throw error;
      // One by one, the right one is named.
      for (const [key, map] of other) this.set(key, map);
    }
  }

  /** False when there was none. */
  delete(key: K): boolean {
    this.#key.write(key, this.raw.key, 0);
    return this.raw.delete();
  }

  /** Keys that have a map, with the kernel's id of it. */
  *entries(): Generator<[key: K, value: { id: number }], void, undefined> {
    const { raw } = this;
    const current = new Uint8Array(raw.key.length);
    for (let more = raw.advance("first"); more; more = raw.advance("key")) {
      current.set(raw.key);
      if (raw.lookup()) yield [this.#key.read(current, 0), { id: numbers(raw.value).getUint32(0, true) }];
      raw.key.set(current);
    }
  }
}

const numbers = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset);
