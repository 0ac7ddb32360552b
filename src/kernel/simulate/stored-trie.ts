import { MapUpdate, type MapDescriptor } from "../maps.ts";
import { Memory } from "./memory.ts";
import { textOf, type Refusal, type StoredMap } from "./stored-map.ts";

interface Node {
  readonly key: Uint8Array;
  readonly memories: readonly Memory[];
}

/** Longest-prefix match: keys are a u32 of bits, then those bits, most significant first. */
export class StoredTrie implements StoredMap {
  readonly descriptor: MapDescriptor;
  readonly #maximum: number;
  readonly #nodes = new Map<string, Node>();

  constructor(descriptor: MapDescriptor) {
    this.descriptor = descriptor;
    this.#maximum = (descriptor.keySize - PREFIX_BYTES) * 8;
  }

  /** The value of the longest prefix that is no longer than the key's own and matches it. */
  lookup(key: Uint8Array): readonly Memory[] | null {
    const bits = prefixLength(key);
    if (bits > this.#maximum) return null;
    for (let length = bits; length >= 0; length--) {
      const node = this.#nodes.get(nameOf(key, length));
      if (node !== undefined) return node.memories;
    }
    return null;
  }

  /** User space finds by prefix as programs do. */
  peek(key: Uint8Array): readonly Memory[] | null {
    return this.lookup(key);
  }

  update(key: Uint8Array, values: readonly Uint8Array[], flags: number): Refusal | null {
    const bits = prefixLength(key);
    if (bits > this.#maximum) return "range";
    const name = nameOf(key, bits);
    const exists = this.#nodes.has(name);
    if (flags > MapUpdate.Exist || (exists ? flags === MapUpdate.NoExist : flags === MapUpdate.Exist)) return "flags";
    if (!exists && this.#nodes.size >= this.descriptor.entries) return "full";
    const memory = new Memory(new Uint8Array(this.descriptor.valueSize));
    if (values[0] !== undefined) memory.bytes.set(values[0]);
    this.#nodes.set(name, { key: key.slice(), memories: [memory] });
    return null;
  }

  remove(key: Uint8Array): boolean {
    const bits = prefixLength(key);
    return bits <= this.#maximum && this.#nodes.delete(nameOf(key, bits));
  }

  *entries(): Generator<readonly [Uint8Array, readonly Memory[]]> {
    for (const { key, memories } of this.#nodes.values()) yield [key, memories];
  }
}

const PREFIX_BYTES = 4;

const prefixLength = (key: Uint8Array): number => new DataView(key.buffer, key.byteOffset).getUint32(0, true);

/** The first `bits` bits, and how many they are. */
const nameOf = (key: Uint8Array, bits: number): string => {
  const masked = key.slice(PREFIX_BYTES, PREFIX_BYTES + Math.ceil(bits / 8));
  const last = masked.length - 1;
  if (bits % 8 !== 0) masked[last] = (masked[last] ?? 0) & (0xff << (8 - (bits % 8)));
  return `${bits}:${textOf(masked)}`;
};
