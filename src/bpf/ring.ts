import { HopmarkError, UnsupportedError } from "../errors.ts";
import { type Mapping, mmap, type Watch, watchReadable } from "../linux/ffi.ts";
import type { KernelMap } from "./maps/kernel-map.ts";
import { type RecordCallback, type ReleaseCallback, RingCursor } from "./ring-cursor.ts";
import { waitReadable } from "../linux/wait-readable.ts";
import { pageSize } from "./sys/page-size.ts";

/** Places in a ring, which is mapped twice, are 31-bit numbers. */
const MOST_BYTES = 1 << 30;
/** Records that a watch reads before it lets timers and signals have their turn. */
const ROUND = 1024;

/** The one reader of a ring buffer: two would tread on each other's position. */
export class RingReader {
  readonly raw: KernelMap;
  readonly #cursor: RingCursor;
  readonly #mappings: readonly Mapping[];
  #watch: Watch | undefined;
  #closed = false;

  /** Takes no ownership of the map. */
  constructor(raw: KernelMap) {
    const size = raw.info.entries;
    if (size > MOST_BYTES) {
      throw new UnsupportedError(
        "rings above 1 GiB",
        `ring ${raw.name} has ${size} bytes: none above ${MOST_BYTES} can be read`,
        {
          hint: "make it smaller, or several of them",
        },
      );
    }
    const page = pageSize();
    const object = `ring ${raw.name}`;
    const consumer = mmap(raw.fd, page, { write: true, object });
    try {
      const rest = mmap(raw.fd, page + 2 * size, { object }, page);
      this.#mappings = [consumer, rest];
      this.#cursor = new RingCursor({
        name: raw.name,
        consumer: new BigInt64Array(consumer.buffer, 0, 1),
        producer: new BigInt64Array(rest.buffer, 0, 1),
        data: new DataView(rest.buffer, page, 2 * size),
      });
    } catch (error) {
      consumer.unmap();
      throw error;
    }
    this.raw = raw;
  }

  get name(): string {
    return this.raw.name;
  }

  /** Records handed out since the reader was opened. */
  get records(): number {
    return this.#cursor.records;
  }

  /** Records that the program reserved and then discarded. */
  get discarded(): number {
    return this.#cursor.discarded;
  }

  /** Bytes written and not yet read, headers and unfinished records included. */
  get waitingBytes(): number {
    return this.#closed ? 0 : this.#cursor.waitingBytes;
  }

  /** The most bytes that waited when this reader read: near the ring's size it was full, and the program found no room. */
  get mostWaitingBytes(): number {
    return this.#cursor.mostWaitingBytes;
  }

  /** Bytes ever read, also by other processes: where the next reader goes on. */
  get position(): bigint {
    this.#mustBeOpen();
    return this.#cursor.position;
  }

  /** Bytes ever written, headers and unfinished records included: also those of which another process was the reader. */
  get writtenBytes(): number {
    return this.#closed ? 0 : this.#cursor.writtenBytes;
  }

  /**
   * Hands out what is there and returns how many records that were, at most `limit`; what comes meanwhile stays. When the
   * callback throws, the record it had counts as read and the error comes through. `release` sees the same records in bulk.
   */
  poll(callback: RecordCallback, limit?: number, release?: ReleaseCallback): number {
    this.#mustBeOpen();
    return this.#cursor.poll(callback, limit, release);
  }

  /** Copies of all records that are there, oldest first: for tests and rare events. */
  drain(): Uint8Array[] {
    const records: Uint8Array[] = [];
    this.poll((view, offset, length) =>
      records.push(new Uint8Array(view.buffer, view.byteOffset + offset, length).slice()),
    );
    return records;
  }

  /** Drops what is there, uncounted; returns how many records that were. */
  skip(release?: ReleaseCallback): number {
    this.#mustBeOpen();
    return this.#cursor.skip(release);
  }

  /**
   * Reads whenever records come, until the watch or the reader is closed. `afterBatch` is called with the number of
   * records after each round, of at most 1024. An exception in either is an uncaught one of the process.
   */
  watch(callback: RecordCallback, afterBatch: (records: number) => void = () => {}): Watch {
    this.#mustBeOpen();
    if (this.#watch !== undefined) throw new HopmarkError("busy", `ring ${this.name} is being watched`);
    const watch = watchReadable(this.raw.fd, () => afterBatch(this.#cursor.poll(callback, ROUND)));
    this.#watch = watch;
    const close = (): void => {
      watch.close();
      if (this.#watch === watch) this.#watch = undefined;
    };
    return { close, ref: () => watch.ref(), unref: () => watch.unref() };
  }

  /**
   * Blocks this thread, its event loop too, until there is something to read or so much time has passed; true if there is. For a
   * worker that does nothing else: it sees a record as soon as a program in C would, a few 10 us before a {@link watch}. A signal
   * ends it early.
   */
  wait(timeoutMs: number): boolean {
    this.#mustBeOpen();
    return waitReadable(this.raw.fd, timeoutMs, `ring ${this.name}`);
  }

  /** Stops watching and unmaps the ring's memory: it is read no more. Twice is fine. */
  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#closed = true;
    for (const mapping of this.#mappings) mapping.unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new HopmarkError("closed", `ring ${this.name} is closed`);
  }
}
