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

/** Records between two stores of the position, so that a producer on a full ring is not kept waiting. */
const RING_BATCH = 4096;
/** Records that are read one by one before there is another look whether many of one length follow. */
const FEW = 64;
/** So many of one length must have room in what is there, or they are not looked for. Not less than a turn of {@link walkAlike}. */
const MANY = 32;

const BUSY_OR_DISCARDED = 0x4000_0000;
const LENGTH_MASK = 0x3fff_ffff;

/** Total store order makes a plain read as good on x86; elsewhere a record's header is the lock on its bytes. */
const needsAcquire = process.arch !== "x64";

/**
 * Reads records where they lie: one look at the producer's position, one store of our own a batch. Of positions it reckons with
 * the lower words, which tell all that can lie between two of a ring's: big integers would cost as much as twenty records.
 */
export class RingCursor {
  readonly #memory: RingMemory;
  /** Words of both positions, the lower first: x64 and arm64 are little-endian. */
  readonly #consumer: Int32Array;
  readonly #producer: Int32Array;
  /** Null where a plain read of a record's header is as good. */
  readonly #headers: Int32Array | null;
  readonly #size: number;
  readonly #walked: Walked = { at: 0, records: 0, discarded: 0 };
  /** The lower word of our position, signed. */
  #low: number;
  #records = 0;
  #discarded = 0;
  #mostWaiting = 0;
  #reading = false;

  constructor(memory: RingMemory) {
    const { buffer, byteOffset, byteLength } = memory.data;
    this.#memory = memory;
    this.#consumer = wordsOf(memory.consumer);
    this.#producer = wordsOf(memory.producer);
    this.#headers = needsAcquire ? new Int32Array(buffer, byteOffset, byteLength / 4) : null;
    this.#size = byteLength / 2;
    this.#low = Atomics.load(this.#consumer, 0);
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
    return (Atomics.load(this.#producer, 0) - this.#low) >>> 0;
  }

  /** The most that waited when it was read. */
  get mostWaitingBytes(): number {
    return this.#mostWaiting;
  }

  /** Bytes ever written, headers and unfinished records included: also those of which somebody else was the reader. */
  get writtenBytes(): number {
    return Number(Atomics.load(this.#memory.producer, 0));
  }

  /**
   * Hands out what is there and returns how many records that were, at most `limit`. What comes meanwhile stays: a reader
   * slower than its writers would never come back. When the callback throws, the record it had counts as read and the error
   * comes through. `release` is called once for a few thousand records: who takes bytes in bulk takes them there.
   *
   * A process that always hands in functions of one place in its source has them inlined: four times as fast as a call.
   */
  poll(callback: RecordCallback, limit: number = Number.MAX_SAFE_INTEGER, release?: ReleaseCallback): number {
    const before = this.#records;
    this.#read(callback, limit, release);
    return this.#records - before;
  }

  /** Drops what is there, uncounted as read; returns how many records that were. */
  skip(release?: ReleaseCallback): number {
    const [records, discarded] = [this.#records, this.#discarded];
    this.#read(undefined, Number.MAX_SAFE_INTEGER, release);
    const skipped = this.#records - records;
    this.#records = records;
    this.#discarded = discarded;
    return skipped;
  }

  #read(callback: RecordCallback | undefined, limit: number, release: ReleaseCallback | undefined): void {
    if (this.#reading) {
      throw new HopmarkError("busy", `ring ${this.#memory.name} is being read`, {
        hint: "do not poll from its callback",
      });
    }
    const last = this.#records + limit;
    const end = Atomics.load(this.#producer, 0);
    if (end === this.#low) return;
    const waiting = (end - this.#low) >>> 0;
    if (waiting > this.#mostWaiting) this.#mostWaiting = waiting;
    this.#reading = true;
    try {
      while (this.#records < last && this.#batch(callback, end, Math.min(RING_BATCH, last - this.#records), release));
    } finally {
      this.#reading = false;
    }
  }

  /** False when nothing more can be read now. */
  #batch(
    callback: RecordCallback | undefined,
    end: number,
    limit: number,
    release: ReleaseCallback | undefined,
  ): boolean {
    const size = this.#size;
    const start = this.#low & (size - 1);
    const view = this.#memory.data;
    const walked = this.#walked;
    // A record may lie across the ring's end, where its first bytes follow its last; what comes behind it is at the start again.
    const stop = Math.min(start + ((end - this.#low) >>> 0), size);
    walked.at = start;
    walked.records = walked.discarded = 0;
    try {
      if (callback === undefined) pass(view, this.#headers, stop, walked);
      else walk(callback, view, this.#headers, stop, limit, walked);
    } finally {
      const used = walked.at - start;
      if (used > 0) {
        this.#records += walked.records;
        this.#discarded += walked.discarded;
        release?.(view, start, used, walked.records, this.position + BigInt(used));
        this.#moveOn(used);
      }
    }
    return walked.at > start;
  }

  /** Sequentially consistent, so that the next look at the producer's position comes after it: no wake-up is lost. */
  #moveOn(bytes: number): void {
    const before = this.#low;
    const low = (before + bytes) | 0;
    this.#low = low;
    // The kernel reads both words at once: where the upper one changes, they are written so.
    if (low >>> 0 > before >>> 0) Atomics.store(this.#consumer, 0, low);
    else Atomics.store(this.#memory.consumer, 0, this.position + BigInt(bytes));
  }
}

const wordsOf = ({ buffer, byteOffset }: BigInt64Array): Int32Array => new Int32Array(buffer, byteOffset, 2);

/** Where a walk has come to, and what it has met since it began. */
interface Walked {
  at: number;
  records: number;
  discarded: number;
}

/**
 * Hands out the records from `walked` on that begin before `stop`. Where few came, that is one call: whoever was woken up for them
 * finds nothing in the CPU's caches.
 */
const walk = (
  callback: RecordCallback,
  view: DataView,
  headers: Int32Array | null,
  stop: number,
  limit: number,
  walked: Walked,
): void => {
  for (;;) {
    const from = walked.at;
    if (!walkFew(callback, view, headers, stop, Math.min(limit - walked.records, FEW), walked)) return;
    const { at, records } = walked;
    if (at >= stop || records >= limit) return;
    const header = headerAt(view, headers, at);
    if (header >>> 0 >= BUSY_OR_DISCARDED) continue;
    const room = roomOf(header);
    const end = Math.min(stop, at + (limit - records) * room);
    // As long as those that went before, and many: V8 puts calls in place where they are made each time.
    if (at - from === FEW * room && end - at >= MANY * room) walkAlike(callback, view, headers, end, header, walked);
  }
};

/**
 * One by one; true when there were as many as wanted. Few values are alive in the loop and all of them small integers, so that V8
 * keeps them in registers, beside those of a callback that it has put in place of the call.
 */
const walkFew = (
  callback: RecordCallback,
  view: DataView,
  headers: Int32Array | null,
  stop: number,
  limit: number,
  walked: Walked,
): boolean => {
  const end = stop | 0;
  const before = walked.records;
  let at = walked.at | 0;
  let left = limit | 0;
  try {
    while (left !== 0 && at < end) {
      const header = headerAt(view, headers, at);
      if (header >>> 0 >= BUSY_OR_DISCARDED) {
        if (header < 0) break; // busy: its writer has not finished, and what follows waits for it
        walked.discarded++;
        at = (at + roomOf(header & LENGTH_MASK)) | 0;
        continue;
      }
      const content = (at + 8) | 0;
      at = (at + roomOf(header)) | 0;
      left = (left - 1) | 0;
      callback(view, content, header);
    }
  } finally {
    walked.at = at;
    walked.records = before + limit - left;
  }
  return left === 0;
};

/**
 * Records of one length, as most programs write them, up to the first of another: four a turn. Where the next header lies does not
 * hang on what is read from the one before, and what V8 makes sure of about view and callback it makes sure of once a turn.
 */
const walkAlike = (
  callback: RecordCallback,
  view: DataView,
  headers: Int32Array | null,
  end: number,
  header: number,
  walked: Walked,
): void => {
  const start = walked.at | 0;
  const room = roomOf(header);
  const last = (end - 3 * room) | 0;
  let at = start;
  try {
    while (
      at < last &&
      headerAt(view, headers, at) === header &&
      headerAt(view, headers, (at + room) | 0) === header &&
      headerAt(view, headers, (at + 2 * room) | 0) === header &&
      headerAt(view, headers, (at + 3 * room) | 0) === header
    ) {
      const first = (at + 8) | 0;
      at = (at + room) | 0;
      callback(view, first, header);
      const second = (at + 8) | 0;
      at = (at + room) | 0;
      callback(view, second, header);
      const third = (at + 8) | 0;
      at = (at + room) | 0;
      callback(view, third, header);
      const fourth = (at + 8) | 0;
      at = (at + room) | 0;
      callback(view, fourth, header);
    }
  } finally {
    walked.at = at;
    walked.records += (at - start) / room;
  }
};

/** The same for nobody. */
const pass = (view: DataView, headers: Int32Array | null, stop: number, walked: Walked): void => {
  while (walked.at < stop) {
    const header = headerAt(view, headers, walked.at);
    if (header < 0) return;
    if (header < BUSY_OR_DISCARDED) walked.records++;
    else walked.discarded++;
    walked.at += roomOf(header & LENGTH_MASK);
  }
};

/** Of a record of so many bytes, with its header, in whole words of 8 bytes. */
const roomOf = (length: number): number => (length + 15) & -8;

const headerAt = (view: DataView, headers: Int32Array | null, at: number): number =>
  headers === null ? view.getInt32(at, true) : Atomics.load(headers, at >> 2);
