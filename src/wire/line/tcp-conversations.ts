/**
 * TCP's sequence numbers relative to where a conversation was first seen, as tcpdump prints them. Tables of typed arrays
 * that cost about the same for one client and for a hundred thousand.
 */

/** Slots of an index at first; how full it may be; and by how much it grows, what is outgrown staying in memory for a while. */
const START = 1 << 10;
const FULL = 0.7;
const GROWTH = 8;
/** Conversations; beyond, all are forgotten: their numbers then start anew. At most 20 MB for both versions of IP together. */
const MOST = { ipv4: 360_000, ipv6: 180_000 } as const;

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
    const reversed = isReversed(bytes, source, size, sourcePort, destinationPort);
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

const isReversed = (
  bytes: Uint8Array,
  source: number,
  size: number,
  sourcePort: number,
  destinationPort: number,
): boolean =>
  sourcePort !== destinationPort ? sourcePort > destinationPort : isAfter(bytes, source, source + size, size);

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
/** A slot of the index: a conversation's place in the lower bits, 0 where it is free; bits of its hash in the upper ones. */
const PLACE_BITS = 20;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
const TAG_MASK = ~PLACE_MASK;
const MULTIPLIER = 0x9e3779b1;

/** Slots of a bucket: a cache line of the index. */
const BUCKET = 16;

/**
 * Conversations one behind the other, as they came, and an index into them. Those of the same two hosts are found in one cache line
 * of the index, as far as they fit, and lie together, too, if they were seen together: with many clients, time goes where memory
 * is far.
 */
class Table {
  /** Where the numbers of the conversation found last are in {@link entries}. */
  at = 0;
  /** Memory is taken as it is first written to. Place 0 stays empty. */
  readonly entries: Uint32Array;
  /** Words of a key: addresses, then ports. */
  readonly #words: number;
  readonly #stride: number;
  readonly #most: number;
  #index = new Uint32Array(START);
  #count = 0;
  readonly #key: Uint32Array;
  #hash = 0;

  constructor(words: number, most: number) {
    this.#words = words;
    this.#stride = words + NUMBERS;
    this.#most = most;
    this.entries = new Uint32Array((most + 1) * this.#stride);
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
    const slot = this.#slot(key, 0, true);
    if (slot < 0) return true;
    this.#append(slot);
    return false;
  }

  /** Finds a key, as {@link at}, and returns -1; or the slot that it belongs into. What is in `from` is known to be new, without `compare`. */
  #slot(from: Uint32Array, start: number, compare: boolean): number {
    const last = start + this.#words - 1;
    let hash = 0;
    for (let at = start; at < last; at++) hash = mixed(hash, from[at]!);
    const index = this.#index;
    const mask = index.length - 1;
    const bucket = (hash << 4) & mask;
    hash = mixed(hash, from[last]!);
    this.#hash = hash;
    for (let step = 0; step < BUCKET; step++) {
      const slot = bucket | ((hash + step) & (BUCKET - 1));
      const own = index[slot]!;
      if (own === 0) return slot;
      if (compare && ((own ^ hash) & TAG_MASK) === 0 && this.#isAt(own & PLACE_MASK)) return -1;
    }
    // Full, which it stays: the others of these hosts lie anywhere.
    for (let slot = (hash >>> 4) & mask; ; slot = (slot + 1) & mask) {
      const own = index[slot]!;
      if (own === 0) return slot;
      if (compare && ((own ^ hash) & TAG_MASK) === 0 && this.#isAt(own & PLACE_MASK)) return -1;
    }
  }

  #isAt(place: number): boolean {
    const { entries } = this;
    const key = this.#key;
    const words = this.#words;
    const own = place * this.#stride;
    for (let word = 0; word < words; word++) if (entries[own + word] !== key[word]) return false;
    this.at = own + words;
    return true;
  }

  #append(slot: number): void {
    const place = ++this.#count;
    this.#index[slot] = (this.#hash & TAG_MASK) | place;
    const own = place * this.#stride;
    for (let word = 0; word < this.#words; word++) this.entries[own + word] = this.#key[word]!;
    this.at = own + this.#words;
    if (place === this.#most) {
      this.#index.fill(0);
      this.#count = 0;
    } else if (place > this.#index.length * FULL) this.#growIndex();
  }

  #growIndex(): void {
    this.#index = new Uint32Array(this.#index.length * GROWTH);
    for (let place = 1; place <= this.#count; place++) {
      const slot = this.#slot(this.entries, place * this.#stride, false);
      this.#index[slot] = (this.#hash & TAG_MASK) | place;
    }
  }
}

const mixed = (hash: number, word: number): number => {
  const product = Math.imul(hash ^ word, MULTIPLIER);
  return product ^ (product >>> 15);
};

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
