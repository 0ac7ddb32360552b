import { TraceRecord } from "../../mark/ioam/record.ts";
import { readU16, recordOffsets } from "./record-layout.ts";

/** Copies of the latest records: what must last longer than the ring keeps it. Copying allocates nothing. */
export class RecentRecords {
  readonly #capacity: number;
  /** Bytes from one copy to the next: whole words. */
  readonly #step = (TraceRecord.size + 3) & ~3;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** The words of the array that records came from last. */
  #source: Int32Array = new Int32Array(0);
  #sourceOf: Uint8Array = new Uint8Array(0);
  #written = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity * this.#step);
    this.#words = new Int32Array(this.#bytes.buffer);
  }

  /** Copies the record at `offset`, as far as it is used; the oldest one makes room. */
  add(bytes: Uint8Array, offset: number): void {
    const at = (this.#written % this.#capacity) * this.#step;
    const used = recordOffsets.trace + readU16(bytes, offset + recordOffsets.traceLength);
    const end = Math.min(used, TraceRecord.size, bytes.length - offset);
    // Records of a ring start at multiples of 8: a quarter of the loads and stores.
    if (((bytes.byteOffset | offset) & 3) === 0 && offset + ((end + 3) & ~3) <= bytes.length) {
      const source = this.#wordsOf(bytes);
      const from = offset >> 2;
      const to = at >> 2;
      for (let word = 0; word < (end + 3) >> 2; word++) this.#words[to + word] = source[from + word]!;
    } else {
      for (let index = 0; index < end; index++) this.#bytes[at + index] = bytes[offset + index]!;
    }
    this.#written++;
  }

  /** What `read` makes of the latest records, newest first, at most `limit`. */
  latest<T>(limit: number, read: (bytes: Uint8Array, offset: number) => T): T[] {
    const count = Math.min(limit, this.#capacity, this.#written);
    return Array.from({ length: count }, (_, back) =>
      read(this.#bytes, ((this.#written - 1 - back) % this.#capacity) * this.#step),
    );
  }

  #wordsOf(bytes: Uint8Array): Int32Array {
    if (bytes !== this.#sourceOf) {
      this.#sourceOf = bytes;
      this.#source = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    }
    return this.#source;
  }
}
