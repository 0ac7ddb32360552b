import { TraceRecord } from "../../mark/ioam/record.ts";

/** Copies of the latest records: what must last longer than the ring keeps it. Copying allocates nothing. */
export class RecentRecords {
  readonly #capacity: number;
  readonly #bytes: Uint8Array;
  #written = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity * TraceRecord.size);
  }

  /** Copies the record at `offset`; the oldest one makes room. */
  add(bytes: Uint8Array, offset: number): void {
    const at = (this.#written % this.#capacity) * TraceRecord.size;
    const { length } = this.#bytes;
    for (let index = 0; index < TraceRecord.size && at + index < length; index++) {
      this.#bytes[at + index] = bytes[offset + index]!;
    }
    this.#written++;
  }

  /** What `read` makes of the latest records, newest first, at most `limit`. */
  latest<T>(limit: number, read: (bytes: Uint8Array, offset: number) => T): T[] {
    const count = Math.min(limit, this.#capacity, this.#written);
    return Array.from({ length: count }, (_, back) =>
      read(this.#bytes, ((this.#written - 1 - back) % this.#capacity) * TraceRecord.size),
    );
  }
}
