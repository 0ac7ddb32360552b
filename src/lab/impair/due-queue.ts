/** A frame that waits. */
export interface Waiting {
  readonly index: number;
  /** When it goes at the latest, of the monotonic clock, ns. */
  readonly dueNs: number;
  readonly copies: number;
  /** Behind its virtio header. */
  readonly bytes: Uint8Array;
}

/** Frames by when they are due: a binary heap; those due at the same time in the order of their numbers. */
export class DueQueue {
  readonly #heap: Waiting[] = [];

  get size(): number {
    return this.#heap.length;
  }

  first(): Waiting | undefined {
    return this.#heap[0];
  }

  push(frame: Waiting): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(frame);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(frame, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = frame;
  }

  pop(): Waiting | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (one: Waiting, other: Waiting): boolean =>
  one.dueNs < other.dueNs || (one.dueNs === other.dueNs && one.index < other.index);
