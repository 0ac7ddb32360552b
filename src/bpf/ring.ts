/**
 * Reading ring buffers (Documentation/bpf/ringbuf.rst) where they lie: one look at the producer's position a batch,
 * plain reads inside it, one store of ours at its end. Nothing is copied, and nothing allocated, per record.
 */
import { HopmarkError } from "../errors.ts";
import { mmap, type Mapping } from "../linux/ffi.ts";
import type { KernelMap } from "./maps/kernel-map.ts";
import { pageSize } from "./sys/page-size.ts";

/**
 * Called for each record. `view` spans the ring (twice, so that no record is cut); the bytes at `offset` are the
 * ring's own and the kernel's again once the batch is over: copy what must last.
 */
export type RecordCallback = (view: DataView, offset: number, length: number) => void;

const HEADER_BYTES = 8;
const BUSY = 0x8000_0000 | 0;
const DISCARDED = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
/** Records between two stores of the position, so that a producer on a full ring is not kept waiting. */
export const RING_BATCH = 4096;

/** Total store order makes a plain read as good on x86; elsewhere a record's header is the lock on its bytes. */
const needsAcquire = process.arch !== "x64";

/** The one reader of a ring: two would tread on each other's position. */
export class RingReader {
  readonly raw: KernelMap;
  readonly #consumer: Mapping;
  readonly #producer: Mapping;
  readonly #consumerPosition: BigInt64Array;
  readonly #producerPosition: BigInt64Array;
  readonly #headers: Int32Array;
  readonly #view: DataView;
  readonly #mask: number;
  #position: bigint;
  #records = 0;
  #discarded = 0;
  #reading = false;
  #closed = false;

  /** Takes no ownership of the map. */
  constructor(raw: KernelMap) {
    const size = raw.info.entries;
    const page = pageSize();
    this.raw = raw;
    this.#mask = size - 1;
    this.#consumer = mmap(raw.fd, page, { write: true, object: `ring ${raw.name}` });
    try {
      this.#producer = mmap(raw.fd, page + 2 * size, { object: `ring ${raw.name}` }, page);
    } catch (error) {
      this.#consumer.unmap();
      throw error;
    }
    this.#consumerPosition = new BigInt64Array(this.#consumer.buffer, 0, 1);
    this.#producerPosition = new BigInt64Array(this.#producer.buffer, 0, 1);
    this.#headers = new Int32Array(this.#producer.buffer, page, (2 * size) / 4);
    this.#view = new DataView(this.#producer.buffer, page, 2 * size);
    this.#position = Atomics.load(this.#consumerPosition, 0);
  }

  get name(): string {
    return this.raw.name;
  }

  /** Becomes readable when records wait, for epoll. */
  get fd(): number {
    return this.raw.fd;
  }

  /** Records handed out since the reader was opened. */
  get records(): number {
    return this.#records;
  }

  /** Records that the program reserved and then discarded. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Bytes written and not yet read, headers and unfinished records included. */
  get waitingBytes(): number {
    return this.#closed ? 0 : Number(Atomics.load(this.#producerPosition, 0) - this.#position);
  }

  /**
   * Hands out what is there and returns how many records that were, at most `limit`. When the callback throws, the
   * record it had counts as read and the error comes through.
   */
  poll(callback: RecordCallback, limit: number = Number.MAX_SAFE_INTEGER): number {
    if (this.#reading)
      throw new HopmarkError("busy", `ring ${this.name} is being read`, { hint: "do not poll from its callback" });
    if (this.#closed) throw new HopmarkError("closed", `ring ${this.name} is closed`);
    const before = this.#records;
    this.#reading = true;
    try {
      while (this.#records - before < limit) {
        if (!this.#batch(callback, Math.min(RING_BATCH, limit - (this.#records - before)))) break;
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

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#consumer.unmap();
    this.#producer.unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** False when nothing more can be read now. */
  #batch(callback: RecordCallback, limit: number): boolean {
    const available = Number(Atomics.load(this.#producerPosition, 0) - this.#position);
    if (available === 0) return false;
    const view = this.#view;
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
        // Sequentially consistent, so that the next look at the producer's position comes after it: no wake-up is lost.
        Atomics.store(this.#consumerPosition, 0, this.#position);
      }
    }
    return used > 0;
  }
}
