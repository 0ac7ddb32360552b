/** Several rings' packets as one sequence: the earliest head goes first, each ring's own order stays. */
import type { StagedPackets } from "./staged-packets.ts";

export class MergeByTime {
  /** By ring: the first packet that still waits. */
  readonly heads: Uint32Array;
  /** Rings with a packet whose turn it is: a heap by the times of their heads. */
  readonly #heap: Uint16Array;
  #size = 0;

  constructor(rings: number) {
    this.heads = new Uint32Array(rings);
    this.#heap = new Uint16Array(rings);
  }

  /**
   * Calls `emit` with each packet up to `until`, and with those before `oldTo` of their ring, whenever they say they came: a
   * NIC's clock may be anywhere.
   */
  run(staged: StagedPackets, until: number, oldTo: Uint32Array, emit: (n: number, ring: number) => void): void {
    const { time, from, to } = staged;
    const { heads } = this;
    const heap = this.#heap;
    heads.set(from);
    this.#size = 0;
    for (let ring = 0; ring < heads.length; ring++) {
      const head = heads[ring]!;
      if (head === to[ring] || !(time[head]! <= until || head < oldTo[ring]!)) continue;
      heap[this.#size++] = ring;
      this.#up(this.#size - 1, time);
    }
    while (this.#size > 0) {
      const ring = heap[0]!;
      const end = to[ring]!;
      const old = oldTo[ring]!;
      const next = this.#second(time);
      let head = heads[ring]!;
      do emit(head++, ring);
      while (head < end && time[head]! <= next && (time[head]! <= until || head < old));
      heads[ring] = head;
      if (head === end || !(time[head]! <= until || head < old)) heap[0] = heap[--this.#size]!;
      this.#down(time);
    }
  }

  /** When the turn of another ring comes. */
  #second(time: Float64Array): number {
    const at = (index: number): number => (index < this.#size ? time[this.heads[this.#heap[index]!]!]! : Infinity);
    return Math.min(at(1), at(2));
  }

  #up(index: number, time: Float64Array): void {
    const { heads } = this;
    const heap = this.#heap;
    for (let at = index; at > 0;) {
      const parent = (at - 1) >> 1;
      if (time[heads[heap[parent]!]!]! <= time[heads[heap[at]!]!]!) return;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  #down(time: Float64Array): void {
    const { heads } = this;
    const heap = this.#heap;
    const timeAt = (index: number): number => time[heads[heap[index]!]!]!;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= this.#size) return;
      const least = left + 1 < this.#size && timeAt(left + 1) < timeAt(left) ? left + 1 : left;
      if (timeAt(at) <= timeAt(least)) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }
}
