/** A batch that is filled packet by packet, again and again. */
import type { MarkColumns, PacketBatch } from "./batch.ts";
import { ToldMarks } from "./told-marks.ts";

const CAPACITY = 1 << 14;

export class BatchColumns implements PacketBatch {
  count = 0;
  bytes: Uint8Array = new Uint8Array(0);
  offset = new Uint32Array(CAPACITY);
  captured = new Uint32Array(CAPACITY);
  length = new Uint32Array(CAPACITY);
  seconds = new Uint32Array(CAPACITY);
  nanoseconds = new Uint32Array(CAPACITY);
  interfaceId = new Uint16Array(CAPACITY);
  direction = new Uint8Array(CAPACITY);
  stampSource: Uint8Array | null = null;
  marks: MarkColumns | null = null;
  /** What the capture itself says of marks. */
  readonly told = new ToldMarks();

  clear(): void {
    this.count = 0;
    this.told.count = 0;
  }

  add(
    offset: number,
    captured: number,
    length: number,
    seconds: number,
    nanoseconds: number,
    interfaceId: number,
    direction: number,
  ): void {
    const n = this.count++;
    if (n === this.offset.length) this.#grow(n * 2);
    this.offset[n] = offset;
    this.captured[n] = captured;
    this.length[n] = length;
    this.seconds[n] = seconds;
    this.nanoseconds[n] = nanoseconds;
    this.interfaceId[n] = interfaceId;
    this.direction[n] = direction;
  }

  /** Makes room for so many packets, for who fills the arrays without {@link add}. */
  reserve(count: number): void {
    if (count > this.offset.length) this.#grow(count);
  }

  #grow(capacity: number): void {
    this.offset = grown(this.offset, new Uint32Array(capacity));
    this.captured = grown(this.captured, new Uint32Array(capacity));
    this.length = grown(this.length, new Uint32Array(capacity));
    this.seconds = grown(this.seconds, new Uint32Array(capacity));
    this.nanoseconds = grown(this.nanoseconds, new Uint32Array(capacity));
    this.interfaceId = grown(this.interfaceId, new Uint16Array(capacity));
    this.direction = grown(this.direction, new Uint8Array(capacity));
  }
}

const grown = <A extends { set(from: ArrayLike<number>): void } & ArrayLike<number>>(from: A, to: A): A => {
  to.set(from);
  return to;
};
