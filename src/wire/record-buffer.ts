/**
 * Memory that records pile up in until they are taken: the same bytes seen in three ways. `words` are the machine's: little-endian,
 * as all machines that Hopmark runs on.
 */
export class RecordBuffer {
  bytes: Uint8Array;
  view: DataView;
  words: Int32Array;
  /** Bytes that wait to be taken. */
  length = 0;

  /** `capacity`: a multiple of 4. */
  constructor(capacity: number = 1 << 18) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
    this.words = new Int32Array(this.bytes.buffer);
  }

  /** Makes room for so many bytes more, and counts them as there; returns where they go. */
  add(size: number): number {
    const at = this.length;
    if (at + size > this.bytes.length) this.#grow(at + size);
    this.length = at + size;
    return at;
  }

  /** What waits: valid until the next record. */
  take(): Uint8Array {
    const bytes = this.bytes.subarray(0, this.length);
    this.length = 0;
    return bytes;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max((needed + 3) & ~3, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.words = new Int32Array(bytes.buffer);
  }
}
