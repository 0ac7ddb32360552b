/** The protocol of BPF ring buffers (Documentation/bpf/ringbuf.rst) over memory, wherever it comes from. */
import { HopmarkError } from "../errors.ts";

/**
 * Called for each record. `view` spans the ring (twice, so that no record is cut); the bytes at `offset` are the
 * ring's own and the kernel's again once the batch is over: copy what must last.
 */
export type RecordCallback = (view: DataView, offset: number, length: number) => void;

/**
 * Called behind some records that were handed out, before their bytes are the kernel's again: `length` bytes from `start` on,
 * in one piece, are these records and their headers. The next reader would go on at `position`.
 */
export type ReleaseCallback = (
  view: DataView,
  start: number,
  length: number,
  records: number,
  position: bigint,
) => void;

/** A ring's memory. Positions are 64-bit counts of bytes ever written and ever read. */
export interface RingMemory {
  readonly name: string;
  /** One element. */
  readonly consumer: BigInt64Array;
  /** One element. */
  readonly producer: BigInt64Array;
  /** The ring's bytes, twice in a row. */
  readonly data: DataView;
}

const HEADER_BYTES = 8;
const BUSY = 0x8000_0000 | 0;
const DISCARDED = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
/** Records between two stores of the position, so that a producer on a full ring is not kept waiting. */
const RING_BATCH = 4096;

/** Total store order makes a plain read as good on x86; elsewhere a record's header is the lock on its bytes. */
const needsAcquire = process.arch !== "x64";

/** Reads records where they lie: one look at the producer's position, one store of our own a batch. */
export class RingCursor {
  readonly #memory: RingMemory;
  readonly #headers: Int32Array;
  readonly #mask: number;
  #position: bigint;
  #records = 0;
  #discarded = 0;
  #reading = false;

  constructor(memory: RingMemory) {
    const { buffer, byteOffset, byteLength } = memory.data;
    this.#memory = memory;
    this.#headers = new Int32Array(buffer, byteOffset, byteLength / 4);
    this.#mask = byteLength / 2 - 1;
    this.#position = Atomics.load(memory.consumer, 0);
  }

  /** Records handed out. */
  get records(): number {
    return this.#records;
  }

  /** Records that were reserved and then discarded by the program. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Bytes ever read, by whom it may be. */
  get position(): bigint {
    return Atomics.load(this.#memory.consumer, 0);
  }

  /** Bytes written and not yet read, headers and unfinished records included. */
  get waitingBytes(): number {
    return Number(Atomics.load(this.#memory.producer, 0) - this.#position);
  }

  /** Bytes ever written, headers and unfinished records included: also those of which somebody else was the reader. */
  get writtenBytes(): number {
    return Number(Atomics.load(this.#memory.producer, 0));
  }

  /**
   * Hands out what is there and returns how many records that were, at most `limit`. What comes meanwhile stays: a reader
   * slower than its writers would never come back. When the callback throws, the record it had counts as read and the error
   * comes through. `release` is called once for a few thousand records: who takes bytes in bulk takes them there.
   */
  poll(callback: RecordCallback, limit: number = Number.MAX_SAFE_INTEGER, release?: ReleaseCallback): number {
    if (this.#reading) {
      throw new HopmarkError("busy", `ring ${this.#memory.name} is being read`, {
        hint: "do not poll from its callback",
      });
    }
    const before = this.#records;
    const end = Atomics.load(this.#memory.producer, 0);
    this.#reading = true;
    try {
      let more = true;
      while (more && this.#records - before < limit) {
        more = this.#batch(callback, end, Math.min(RING_BATCH, limit - (this.#records - before)), release);
      }
    } finally {
      this.#reading = false;
    }
    return this.#records - before;
  }

  /** Drops what is there, uncounted as read; returns how many records that were. */
  skip(): number {
    const [records, discarded] = [this.#records, this.#discarded];
    const skipped = this.poll(() => {});
    this.#records = records;
    this.#discarded = discarded;
    return skipped;
  }

  /** False when nothing more can be read now. */
  #batch(callback: RecordCallback, end: bigint, limit: number, release: ReleaseCallback | undefined): boolean {
    const available = Number(end - this.#position);
    if (available === 0) return false;
    const view = this.#memory.data;
    const headers = this.#headers;
    const mask = this.#mask;
    const start = Number(this.#position & BigInt(mask));
    let used = 0;
    let handed = 0;
    let discarded = 0;
    try {
      while (used < available && handed < limit) {
        const offset = (start + used) & mask;
        const header = needsAcquire ? Atomics.load(headers, offset >> 2) : (headers[offset >> 2] ?? BUSY);
        if (header < 0) break; // busy: its writer has not finished, and what follows waits for it
        const length = header & LENGTH;
        used += (length + HEADER_BYTES + 7) & ~7;
        if ((header & DISCARDED) !== 0) {
          discarded++;
          continue;
        }
        handed++;
        callback(view, offset + HEADER_BYTES, length);
      }
    } finally {
      if (used > 0) {
        this.#position += BigInt(used);
        this.#records += handed;
        this.#discarded += discarded;
        release?.(view, start, used, handed, this.#position);
        // Sequentially consistent, so that the next look at the producer's position comes after it: no wake-up is lost.
        Atomics.store(this.#memory.consumer, 0, this.#position);
      }
    }
    return used > 0;
  }
}
