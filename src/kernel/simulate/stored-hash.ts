import { MapUpdate, type MapDescriptor } from "../maps.ts";
import { Memory } from "./memory.ts";
import { bytesOf, textOf, type Refusal, type StoredMap } from "./stored-map.ts";

/**
 * Hash maps. An update of a key that is there puts a new value beside the old one, as the kernel does: a view from an
 * earlier lookup keeps showing, and writing, the old value. Per-CPU maps are written in place. LRU maps evict exactly the
 * least recently used entry; the kernel's choice is only near to that.
 */
export class StoredHash implements StoredMap {
  readonly descriptor: MapDescriptor;
  readonly #slots: number;
  readonly #evicts: boolean;
  readonly #values = new Map<string, readonly Memory[]>();

  constructor(descriptor: MapDescriptor, slots: number) {
    this.descriptor = descriptor;
    this.#slots = slots;
    this.#evicts = descriptor.type.startsWith("lru_");
  }

  lookup(key: Uint8Array): readonly Memory[] | null {
    const found = this.peek(key);
    if (found !== null && this.#evicts) this.#touch(textOf(key), found);
    return found;
  }

  peek(key: Uint8Array): readonly Memory[] | null {
    return this.#values.get(textOf(key)) ?? null;
  }

  update(key: Uint8Array, values: readonly Uint8Array[], flags: number, slot: number | undefined): Refusal | null {
    const text = textOf(key);
    const old = this.#values.get(text);
    if (flags > MapUpdate.Exist || (old === undefined ? flags === MapUpdate.Exist : flags === MapUpdate.NoExist)) {
      return "flags";
    }
    if (old === undefined && this.#values.size >= this.descriptor.entries) {
      const oldest = this.#values.keys().next();
      if (!this.#evicts || oldest.done === true) return "full";
      this.#values.delete(oldest.value);
    }
    const inPlace = old !== undefined && this.#slots > 1;
    const memories = inPlace
      ? old
      : Array.from({ length: this.#slots }, () => new Memory(new Uint8Array(this.descriptor.valueSize)));
    memories.forEach((memory, cpu) => {
      const value = slot === undefined ? values[cpu] : cpu === slot ? values[0] : undefined;
      if (value !== undefined) memory.bytes.set(value);
    });
    this.#touch(text, memories);
    return null;
  }

  remove(key: Uint8Array): boolean {
    return this.#values.delete(textOf(key));
  }

  *entries(): Generator<readonly [Uint8Array, readonly Memory[]]> {
    for (const [text, memories] of this.#values) yield [bytesOf(text), memories];
  }

  /** JavaScript's maps keep the order of insertion: the first is the one that was used longest ago. */
  #touch(text: string, memories: readonly Memory[]): void {
    if (this.#evicts) this.#values.delete(text);
    this.#values.set(text, memories);
  }
}
