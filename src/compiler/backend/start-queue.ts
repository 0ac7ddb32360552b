/** A binary heap of intervals: the one that starts first comes out first, equal ones in the order they went in. */
import type { Interval } from "./interval.ts";

interface Entry {
  readonly start: number;
  readonly order: number;
  readonly interval: Interval;
}

export class StartQueue {
  readonly #heap: Entry[] = [];
  #pushed = 0;

  push(interval: Interval): void {
    const entry: Entry = { start: interval.start, order: this.#pushed++, interval };
    let at = this.#heap.length;
    this.#heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, this.#heap[parent]!)) break;
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  pop(): Interval | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#heap.length > 0) this.#sink(last);
    return first.interval;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}

const before = (a: Entry, b: Entry): boolean => (a.start === b.start ? a.order < b.order : a.start < b.start);
