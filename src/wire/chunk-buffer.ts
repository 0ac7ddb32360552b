/** What of a stream of chunks was not used yet, in one piece: chunks of any size go in at the end, whole things are used at the front. */
export class ChunkBuffer {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  /** What is unused lies from here … */
  start = 0;
  /** … to here. */
  end = 0;
  /** Bytes of the stream before `start`. */
  position = 0;

  /** Puts a chunk behind what is unused; everything may move. */
  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** The first `count` bytes were used; they stay where they are until the next {@link append}. */
  use(count: number): void {
    this.start += count;
    this.position += count;
  }

  #makeRoom(length: number): void {
    const waiting = this.end - this.start;
    const bytes =
      waiting + length > this.bytes.length ? new Uint8Array(2 ** Math.ceil(Math.log2(waiting + length))) : this.bytes;
    if (bytes === this.bytes) bytes.copyWithin(0, this.start, this.end);
    else bytes.set(this.bytes.subarray(this.start, this.end));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.start = 0;
    this.end = waiting;
  }
}
