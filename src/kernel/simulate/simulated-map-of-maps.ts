import { HopmarkError } from "../../errors.ts";
import type { InnerMap, MapOfMaps } from "../map-of-maps.ts";
import type { MapDescriptor } from "../maps.ts";
import { decodeElement, encodeElement } from "./element-bytes.ts";
import { bytesOf, textOf, type StoredMap } from "./stored-map.ts";
import type { StoredRing } from "./stored-ring.ts";

/** A map of maps in V8, with the calls that a running program's handle has. */
export class SimulatedMapOfMaps<K, M extends InnerMap> {
  readonly #descriptor: MapOfMaps<K, M>;
  /** By the key's bytes: what programs see of the map. */
  readonly #maps = new Map<string, M>();
  readonly #alias: (inner: M, map: StoredMap | StoredRing) => M;

  /** `alias` makes a descriptor like `inner` whose map is the given one. */
  constructor(descriptor: MapOfMaps<K, M>, alias: (inner: M, map: StoredMap | StoredRing) => M) {
    this.#descriptor = descriptor;
    this.#alias = alias;
  }

  get name(): string {
    return this.#descriptor.name;
  }

  /** For the runtime: what a program finds under `key`. */
  lookup(key: unknown): M | null {
    return this.#maps.get(this.#textOf(key)) ?? null;
  }

  /** Throws `map-mismatch` for a map that is not declared as the inner ones are, `map-full` and `out-of-range`. */
  set(key: K, map: { readonly stored: StoredMap | StoredRing }): void {
    const { inner, entries, type } = this.#descriptor;
    requireAlike(map.stored.descriptor, inner, this.name);
    const text = this.#textOf(key);
    if (type === "array_of_maps" && Number(key) >= entries)
      throw new HopmarkError("out-of-range", `map ${this.name} has indexes 0 to ${entries - 1}`);
    if (!this.#maps.has(text) && this.#maps.size >= entries)
      throw new HopmarkError("map-full", `map ${this.name} is full: it has room for ${entries} entries`);
    this.#maps.set(text, this.#alias(inner, map.stored));
  }

  /** False when there was none. */
  delete(key: K): boolean {
    return this.#maps.delete(this.#textOf(key));
  }

  /** The keys under which there are maps. */
  *keys(): Generator<K, void, undefined> {
    for (const text of this.#maps.keys()) yield decodeElement(this.#descriptor.keyElement, bytesOf(text)) as K;
  }

  #textOf(key: unknown): string {
    return textOf(encodeElement(this.#descriptor.keyElement, key));
  }
}

/** What the kernel compares; of arrays, their lengths too. */
const requireAlike = (map: MapDescriptor, inner: MapDescriptor, outer: string): void => {
  const isArray = inner.type === "array" || inner.type === "percpu_array";
  const parts = ["type", "keySize", "valueSize", "flags", ...(isArray ? (["entries"] as const) : [])] as const;
  for (const part of parts) {
    if (map[part] === inner[part]) continue;
    const message = `map ${outer} takes maps whose ${part} is ${inner[part]}, and that of ${map.name} is ${map[part]}`;
    throw new HopmarkError("map-mismatch", message, { hint: "declare the inner maps alike" });
  }
};
