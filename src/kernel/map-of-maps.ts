/** Maps whose values are maps: user space exchanges them while programs run. */
import type { Layout } from "../wire/layout.ts";
import { HopmarkError } from "../errors.ts";
import {
  indexElement,
  sizeOfElement,
  type Element,
  type KeyOf,
  type MapDescriptor,
  type MapOptions,
  type RingBuffer,
} from "./maps.ts";
import { requireElement, requireEntries } from "./require-declared.ts";
import { runtime } from "./runtime.ts";

/** A map with keys and values. */
interface InnerKeyedMap extends MapDescriptor {
  readonly keyElement: Element;
  readonly valueLayout: Layout;
}

/** A map that can be in another one: any with keys and values, and ring buffers. */
export type InnerMap = InnerKeyedMap | RingBuffer;

/** How many maps an array of maps holds, and which at the start. */
export interface ArrayOfMapsOptions<M extends InnerMap> extends MapOptions {
  /** Maps to start with, by index: a list, or an object with numbers as keys. */
  readonly maps?: Readonly<Record<number, M>>;
}

/** A map whose values are maps: `lookup` gives one of them, to look up in it. */
export class MapOfMaps<K, M extends InnerMap> implements MapDescriptor {
  readonly kind = "map";
  readonly type: "array_of_maps" | "hash_of_maps";
  readonly name: string;
  readonly keyElement: Element;
  readonly valueLayout = null;
  readonly keySize: number;
  readonly valueSize = 4;
  readonly entries: number;
  readonly flags = 0;
  readonly initial = undefined;
  /** What each of the inner maps is declared as. */
  readonly inner: M;
  /** What an array starts with. */
  readonly maps: ReadonlyMap<number, M>;
  /** Phantom: the JavaScript type of the key. */
  declare readonly keyType?: K;

  constructor(type: MapOfMaps<K, M>["type"], key: Element, inner: M, options: ArrayOfMapsOptions<M>) {
    requireElement(type, "key", key);
    requireEntries(type, options);
    this.type = type;
    this.name = options.name ?? type;
    this.keyElement = key;
    this.keySize = sizeOfElement(key);
    this.entries = options.entries;
    this.inner = inner;
    this.maps = new Map(Object.entries(options.maps ?? {}).map(([index, map]) => [Number(index), map]));
    for (const index of this.maps.keys()) {
      if (Number.isInteger(index) && index >= 0 && index < this.entries) continue;
      throw new HopmarkError("out-of-range", `map ${this.name} has indexes 0 to ${this.entries - 1}, not ${index}`);
    }
  }

  /** The map under `key`, or null; it stays what it is for as long as the program runs. */
  lookup(key: K): M | null {
    return runtime().lookupMap(this, key) as M | null;
  }
}

/**
 * An array of maps that are all declared as `inner` is: that one is a pattern and is in the array only where `maps` says so.
 * Programs look up and change what is in the inner maps; which maps those are, user space says.
 *
 *     const routes = hashMap(ipv4Address, u32, { entries: 1024 });
 *     export const tables = arrayOfMaps(routes, { entries: 256, name: "tables" });
 *     // in a program:
 *     const table = tables.lookup(ctx.rxQueue);
 *     const route = table === null ? null : table.lookup(ip.destination);
 *
 * Inner maps may be ring buffers, of any size each: `arrayOfMaps(ringBuffer({ bytes: 65536 }), { entries: cpus, maps: rings })`.
 */
export const arrayOfMaps = <M extends InnerMap>(inner: M, options: ArrayOfMapsOptions<M>): MapOfMaps<number, M> =>
  new MapOfMaps("array_of_maps", indexElement, inner, options);

/** The same under keys of any kind; it starts empty. */
export const hashOfMaps = <K extends Element, M extends InnerMap>(
  key: K,
  inner: M,
  options: MapOptions,
): MapOfMaps<KeyOf<K>, M> => new MapOfMaps("hash_of_maps", key, inner, options);
