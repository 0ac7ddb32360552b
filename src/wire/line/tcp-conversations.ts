/**
 * TCP's sequence numbers relative to where a conversation was first seen, as tcpdump prints them. A table of typed arrays
 * with open addressing, so that it costs the same for one client and for a hundred thousand.
 */

const START = 1 << 9;
/** What is outgrown stays in memory for a while: less of it this way. */
const GROWTH = 4;
/** Conversations; beyond, all are forgotten: their numbers then start anew. Some 16 MB for both versions of IP together. */
const MOST = { ipv4: 1 << 19, ipv6: 1 << 17 } as const;

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
    const { entries, at } = table;
    const [own, other] = reversed ? [at + 1, at] : [at, at + 1];
    this.reversed = reversed;
    if (!known || syn) {
      entries[own] = sequence;
      entries[other] = acknowledgment - 1;
      this.sequence = sequence;
      this.acknowledgment = acknowledgment;
    } else {
      this.sequence = (sequence - entries[own]!) >>> 0;
      this.acknowledgment = (acknowledgment - entries[other]!) >>> 0;
    }
    this.base = entries[at]!;
    this.otherBase = entries[at + 1]!;
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

/** Numbers of a conversation, behind its key: those of the direction that is not reversed, and of the other. */
const NUMBERS = 2;

/** All of a conversation lies together: one look into memory. An entry whose key is all zero is free. */
class Table {
  /** Where the numbers of the conversation found last are in {@link entries}. */
  at = 0;
  entries: Uint32Array;
  /** Words of a key. */
  readonly #words: number;
  readonly #stride: number;
  readonly #most: number;
  #slots = START;
  #count = 0;
  readonly #key: Uint32Array;

  constructor(words: number, most: number) {
    this.#words = words;
    this.#stride = words + NUMBERS;
    this.#most = most;
    this.entries = new Uint32Array(START * this.#stride);
    this.#key = new Uint32Array(words);
  }

  /** True when the conversation was there; it is now. */
  find(bytes: Uint8Array, one: number, other: number, low: number, high: number): boolean {
    const key = this.#key;
    const half = (this.#words - 1) / 2;
    key[0] = (low << 16) | high;
    for (let word = 0; word < half; word++) {
      key[1 + word] = wordAt(bytes, one + word * 4);
      key[1 + half + word] = wordAt(bytes, other + word * 4);
    }
    if (this.#place(key, 0)) return true;
    if (++this.#count > this.#slots * 0.7) {
      this.#grow();
      this.#place(key, 0);
    }
    this.entries.set(key, this.at - this.#words);
    return false;
  }

  /** Sets `at` to where the key's numbers are, or belong. */
  #place(from: Uint32Array, start: number): boolean {
    const words = this.#words;
    const stride = this.#stride;
    const { entries } = this;
    const mask = this.#slots - 1;
    let hash = 0;
    for (let word = 0; word < words; word++) {
      hash = Math.imul(hash ^ from[start + word]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const own = slot * stride;
      this.at = own + words;
      let word = 0;
      while (word < words && entries[own + word] === from[start + word]) word++;
      if (word === words) return true;
      word = 0;
      while (word < words && entries[own + word] === 0) word++;
      if (word === words) return false;
    }
  }

  #grow(): void {
    const old = this.entries;
    const keep = this.#slots < this.#most;
    if (keep) this.#slots *= GROWTH;
    this.entries = new Uint32Array(this.#slots * this.#stride);
    this.#count = 1;
    for (let own = 0; keep && own < old.length; own += this.#stride) {
      let word = 0;
      while (word < this.#words && old[own + word] === 0) word++;
      if (word === this.#words) continue;
      this.#place(old, own);
      this.entries.set(old.subarray(own, own + this.#stride), this.at - this.#words);
      this.#count++;
    }
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
