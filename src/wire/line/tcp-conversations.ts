/**
 * TCP's sequence numbers relative to where a conversation was first seen, as tcpdump prints them. A table of typed arrays
 * with open addressing, so that it costs the same for one client and for a hundred thousand.
 */

const START = 1 << 10;
/** Conversations; beyond, all are forgotten: their numbers then start anew. Some 20 MB for both versions of IP together. */
const MOST = { ipv4: 1 << 19, ipv6: 1 << 18 } as const;

/** Sequence numbers of one direction are told from those of the other by `reversed`. */
export class TcpConversations {
  /** Of the segment that was looked up: relative, or as they were where the conversation is new. */
  sequence = 0;
  acknowledgment = 0;
  reversed = false;
  /** What the conversation's numbers count from: those of the direction that is not reversed, and of the other. */
  base = 0;
  otherBase = 0;
  readonly #ipv4 = new Table(3, MOST.ipv4);
  readonly #ipv6 = new Table(9, MOST.ipv6);

  /**
   * For a segment with an acknowledgment; `source`: where the source address lies in `bytes`, the destination behind it, of
   * `size` bytes each.
   */
  follow(
    bytes: Uint8Array,
    source: number,
    size: 4 | 16,
    sourcePort: number,
    destinationPort: number,
    sequence: number,
    acknowledgment: number,
    syn: boolean,
  ): void {
    const table = size === 4 ? this.#ipv4 : this.#ipv6;
    const reversed =
      sourcePort !== destinationPort ? sourcePort > destinationPort : isAfter(bytes, source, source + size, size);
    const [low, high] = reversed ? [destinationPort, sourcePort] : [sourcePort, destinationPort];
    const known = table.find(bytes, reversed ? source + size : source, reversed ? source : source + size, low, high);
    const { slot } = table;
    this.reversed = reversed;
    if (!known || syn) {
      table.base[slot] = reversed ? acknowledgment - 1 : sequence;
      table.otherBase[slot] = reversed ? sequence : acknowledgment - 1;
      this.sequence = sequence;
      this.acknowledgment = acknowledgment;
    } else {
      const own = reversed ? table.otherBase[slot]! : table.base[slot]!;
      const other = reversed ? table.base[slot]! : table.otherBase[slot]!;
      this.sequence = (sequence - own) >>> 0;
      this.acknowledgment = (acknowledgment - other) >>> 0;
    }
    this.base = table.base[slot]!;
    this.otherBase = table.otherBase[slot]!;
  }
}

/** Whether the address at `one` is greater than that at `other`. */
const isAfter = (bytes: Uint8Array, one: number, other: number, size: number): boolean => {
  for (let at = 0; at < size; at++) {
    const difference = bytes[one + at]! - bytes[other + at]!;
    if (difference !== 0) return difference > 0;
  }
  return false;
};

class Table {
  /** Of the last {@link find}. */
  slot = 0;
  base = new Uint32Array(START);
  otherBase = new Uint32Array(START);
  readonly #words: number;
  readonly #most: number;
  #keys: Uint32Array;
  #used = new Uint8Array(START);
  #count = 0;
  readonly #key: Uint32Array;

  constructor(words: number, most: number) {
    this.#words = words;
    this.#most = most;
    this.#keys = new Uint32Array(START * words);
    this.#key = new Uint32Array(words);
  }

  /** True when the conversation was there; it is now. */
  find(bytes: Uint8Array, one: number, other: number, low: number, high: number): boolean {
    const key = this.#key;
    const half = (this.#words - 1) / 2;
    for (let word = 0; word < half; word++) {
      key[word] = wordAt(bytes, one + word * 4);
      key[half + word] = wordAt(bytes, other + word * 4);
    }
    key[half * 2] = (low << 16) | high;
    if (this.#place(key, 0)) return true;
    if (++this.#count > this.#used.length * 0.7) {
      this.#grow();
      this.#place(key, 0);
    }
    this.#used[this.slot] = 1;
    this.#keys.set(key, this.slot * this.#words);
    return false;
  }

  /** Sets `slot` to where the key is, or where it belongs. */
  #place(from: Uint32Array, at: number): boolean {
    const words = this.#words;
    const keys = this.#keys;
    const mask = this.#used.length - 1;
    let hash = 0;
    for (let word = 0; word < words; word++) {
      hash = Math.imul(hash ^ from[at + word]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      this.slot = slot;
      if (this.#used[slot] === 0) return false;
      let word = 0;
      while (word < words && keys[slot * words + word] === from[at + word]) word++;
      if (word === words) return true;
    }
  }

  #grow(): void {
    const { base, otherBase } = this;
    const [keys, used] = [this.#keys, this.#used];
    const keep = used.length < this.#most;
    const size = keep ? used.length * 2 : used.length;
    this.base = new Uint32Array(size);
    this.otherBase = new Uint32Array(size);
    this.#keys = new Uint32Array(size * this.#words);
    this.#used = new Uint8Array(size);
    this.#count = 1;
    for (let old = 0; keep && old < used.length; old++) {
      if (used[old] === 0) continue;
      this.#place(keys, old * this.#words);
      this.#used[this.slot] = 1;
      this.#keys.set(keys.subarray(old * this.#words, (old + 1) * this.#words), this.slot * this.#words);
      this.base[this.slot] = base[old]!;
      this.otherBase[this.slot] = otherBase[old]!;
      this.#count++;
    }
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
