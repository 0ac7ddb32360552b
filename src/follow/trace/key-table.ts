/**
 * Runs of 32-bit words to small indexes, in the order in which they were first seen. Looking up allocates nothing;
 * a run that is new is copied. Traces come from the network, so the table has a limit.
 */
export class KeyTable {
  readonly #limit: number;
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  readonly #keys: Int32Array[] = [];
  /** The run that was found last. */
  #last: Int32Array | undefined;
  #lastIndex = 0;

  /** At most `limit` different runs. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(limit * 2)));
    this.#hashes = new Int32Array(limit);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The run at an index, as it was first seen. */
  key(index: number): Int32Array {
    const key = this.#keys[index];
    if (key === undefined) throw new RangeError(`no key ${index}`);
    return key;
  }

  /** The index of the first `length` words; the next free one when they are new; -1 when they are new and the table is full. */
  indexOf(words: Int32Array, length: number): number {
    // Packets come in trains.
    const last = this.#last;
    if (last !== undefined && sameWords(last, words, length)) return this.#lastIndex;
    let hash = length;
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ words[at]!, 0x9e37_79b1) ^ (hash >>> 15);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) return this.#add(words, length, hash, slot);
      if (this.#hashes[index] !== hash || !sameWords(this.#keys[index]!, words, length)) continue;
      this.#last = this.#keys[index];
      this.#lastIndex = index;
      return index;
    }
  }

  #add(words: Int32Array, length: number, hash: number, slot: number): number {
    const index = this.#keys.length;
    if (index === this.#limit) return -1;
    this.#keys.push(words.slice(0, length));
    this.#hashes[index] = hash;
    this.#slots[slot] = index + 1;
    return index;
  }
}

const sameWords = (key: Int32Array, words: Int32Array, length: number): boolean => {
  if (key.length !== length) return false;
  for (let at = 0; at < length; at++) if (key[at] !== words[at]) return false;
  return true;
};
