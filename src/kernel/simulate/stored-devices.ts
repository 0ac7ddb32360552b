import type { MapDescriptor } from "../maps.ts";
import type { Memory } from "./memory.ts";
import { StoredHash } from "./stored-hash.ts";
import type { Refusal, StoredMap } from "./stored-map.ts";

/** Maps of interfaces: hash maps, of which the array kind takes small numbers only. */
export class StoredDevices implements StoredMap {
  readonly descriptor: MapDescriptor;
  readonly #hash: StoredHash;

  constructor(descriptor: MapDescriptor) {
    this.descriptor = descriptor;
    this.#hash = new StoredHash(descriptor, 1);
  }

  lookup(key: Uint8Array): readonly Memory[] | null {
    return this.#hash.lookup(key);
  }

  peek(key: Uint8Array): readonly Memory[] | null {
    return this.#hash.peek(key);
  }

  update(key: Uint8Array, values: readonly Uint8Array[], flags: number, slot: number | undefined): Refusal | null {
    const index = new DataView(key.buffer, key.byteOffset).getUint32(0, true);
    if (this.descriptor.type === "devmap" && index >= this.descriptor.entries) return "range";
    return this.#hash.update(key, values, flags, slot);
  }

  remove(key: Uint8Array): boolean {
    return this.#hash.remove(key);
  }

  entries(): Generator<readonly [Uint8Array, readonly Memory[]]> {
    return this.#hash.entries();
  }
}
