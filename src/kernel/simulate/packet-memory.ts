import { Memory } from "./memory.ts";

/** A packet with room around it. Moving its ends keeps the bytes between them, and those it moves over. */
export class PacketMemory extends Memory {
  #frame: Uint8Array;
  #start: number;
  #end: number;

  constructor(packet: Uint8Array, headroom: number, tailroom: number) {
    const frame = new Uint8Array(headroom + packet.length + tailroom);
    frame.set(packet, headroom);
    super(frame.subarray(headroom, headroom + packet.length));
    this.#frame = frame;
    this.#start = headroom;
    this.#end = headroom + packet.length;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** False, with nothing moved, when that would leave the room or less than `minimum` bytes. */
  move(startDelta: number, endDelta: number, minimum: number): boolean {
    const start = this.#start + startDelta;
    const end = this.#end + endDelta;
    if (start < 0 || end > this.#frame.length || end - start < minimum) return false;
    if (endDelta > 0) this.#frame.fill(0, this.#end, end);
    this.#start = start;
    this.#end = end;
    this.bytes = this.#frame.subarray(start, end);
    return true;
  }

  /** Opens `count` zero bytes at `at`, or takes away as many from there on (negative). */
  splice(at: number, count: number): void {
    const before = this.bytes.slice(0, at);
    const after = this.bytes.slice(count < 0 ? at - count : at);
    this.#frame = new Uint8Array(before.length + Math.max(count, 0) + after.length);
    this.#frame.set(before);
    this.#frame.set(after, before.length + Math.max(count, 0));
    this.#start = 0;
    this.#end = this.#frame.length;
    this.bytes = this.#frame;
  }
}
