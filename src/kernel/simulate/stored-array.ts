import { MapUpdate, type MapDescriptor } from "../maps.ts";
import { encodeElement } from "./element-bytes.ts";
import { Memory } from "./memory.ts";
import type { Refusal, StoredMap } from "./stored-map.ts";

/** Arrays: every entry exists from the start, zeroed or with the descriptor's initial value. */
export class StoredArray implements StoredMap {
  readonly descriptor: MapDescriptor;
  readonly #slots: number;
  readonly #initial: Uint8Array;
  /** Made when first asked for: an array may have millions of entries. */
  readonly #values = new Map<number, readonly Memory[]>();

  constructor(descriptor: MapDescriptor, slots: number) {
    this.descriptor = descriptor;
    this.#slots = slots;
    const { valueLayout, initial, valueSize } = descriptor;
    this.#initial =
      initial === undefined || valueLayout === null ? new Uint8Array(valueSize) : encodeElement(valueLayout, initial);
  }

  lookup(key: Uint8Array): readonly Memory[] | null {
    const index = indexOf(key);
    return index < this.descriptor.entries ? this.#at(index) : null;
  }

  peek(key: Uint8Array): readonly Memory[] | null {
    return this.lookup(key);
  }

  update(key: Uint8Array, values: readonly Uint8Array[], flags: number, slot: number | undefined): Refusal | null {
    const index = indexOf(key);
    if (index >= this.descriptor.entries) return "range";
    if (flags !== MapUpdate.Any && flags !== MapUpdate.Exist) return "flags";
    this.#at(index).forEach((memory, cpu) => {
      const value = slot === undefined ? values[cpu] : cpu === slot ? values[0] : undefined;
      if (value !== undefined) memory.bytes.set(value);
    });
    return null;
  }

  remove(): null {
    return null;
  }

  *entries(): Generator<readonly [Uint8Array, readonly Memory[]]> {
    for (let index = 0; index < this.descriptor.entries; index++) {
      const key = new Uint8Array(4);
      new DataView(key.buffer).setUint32(0, index, true);
      yield [key, this.#at(index)];
    }
  }

  #at(index: number): readonly Memory[] {
    let memories = this.#values.get(index);
    if (memories === undefined) {
      memories = Array.from({ length: this.#slots }, () => new Memory(this.#initial.slice()));
      this.#values.set(index, memories);
    }
    return memories;
  }
}

const indexOf = (key: Uint8Array): number => new DataView(key.buffer, key.byteOffset).getUint32(0, true);
