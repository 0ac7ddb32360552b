import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Arrival, MarkStream } from "./mark-stream.ts";

const countsOf = (stream: MarkStream): Record<string, unknown> => {
  stream.settle();
  const { received, duplicated, reordered, late, lost, restarts, generations } = stream;
  return { received, duplicated, reordered, late, lost, restarts, missing: generations.map(({ missing }) => missing) };
};

const after = (numbers: readonly number[], mostGaps?: number): MarkStream => {
  const stream = new MarkStream(mostGaps);
  for (const [at, number] of numbers.entries()) stream.arrive(number, at * 1000);
  return stream;
};

const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const none = { received: 0, duplicated: 0, reordered: 0, late: 0, lost: 0, restarts: 0, missing: [[]] };

test.each<[name: string, numbers: number[], counts: object]>([
  ["in order", [5, 6, 7], { received: 3 }],
  [
    "lost",
    [0, 1, 4, 5, 9],
    {
      received: 5,
      lost: 5,
      missing: [
        [
          [2, 3],
          [6, 8],
        ],
      ],
    },
  ],
  ["twice", [0, 1, 1, 2, 0], { received: 3, duplicated: 2 }],
  ["overtaken", [0, 2, 1, 3], { received: 4, reordered: 1 }],
  ["overtaken, and twice", [0, 2, 1, 1], { received: 3, reordered: 1, duplicated: 1 }],
  ["before the first that came", [9, 6, 10], { received: 3, reordered: 1, lost: 2, missing: [[[7, 8]]] }],
  ["large numbers", [2 ** 40, 2 ** 40 + 2], { received: 2, lost: 1, missing: [[[2 ** 40 + 1, 2 ** 40 + 1]]] }],
  ["a sender that starts anew", [...upTo(0, 999), ...upTo(0, 99)], { received: 1100, restarts: 1, missing: [[], []] }],
  [
    "a sender that starts anew, with losses on both sides",
    [...upTo(0, 4), ...upTo(6, 999), ...upTo(1, 9), ...upTo(12, 99)],
    { received: 999 + 97, lost: 3, restarts: 1, missing: [[[5, 5]], [[10, 11]]] },
  ],
  [
    "a capture that starts in the middle, and a sender that starts anew",
    [...upTo(5000, 5999), ...upTo(0, 99)],
    { received: 1100, restarts: 1, missing: [[], []] },
  ],
  ["old packets again are no new start", [...upTo(0, 999), 3, 4, 5, 1000], { received: 1001, duplicated: 3 }],
])("%s", (_name, numbers, counts) => expect(countsOf(after(numbers))).toEqual({ ...none, ...counts }));

test("extent and late time of what was overtaken (RFC 4737, section 4.2)", () => {
  const stream = after([1, 2, 4, 5, 7, 3, 8, 6]);
  expect([stream.extents.min, stream.extents.max, stream.extents.count]).toEqual([3, 3, 2]);
  expect([stream.lateTimesNs.min, stream.lateTimesNs.max]).toEqual([3000, 3000]);
});

test("what is not known any more is said, not guessed", () => {
  const odd = Array.from({ length: 20 }, (_, at) => 100 + at * 2);
  const stream = after([...odd, 101, 137], 8);
  const [generation] = stream.generations;
  expect(generation).toMatchObject({ received: 21, lost: 18, forgotten: 11 });
  expect(stream).toMatchObject({ late: 1, reordered: 1, duplicated: 0 });
  expect(generation?.missing.at(0)).toEqual([123, 123]);
});

describe("against a model that remembers everything", () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.constant(1) },
    { weight: 2, arbitrary: fc.integer({ min: 2, max: 40 }) },
    { weight: 3, arbitrary: fc.integer({ min: -60, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: -3000, max: 3000 }) },
  );
  test("every packet is told for what it is", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.array(step, { maxLength: 300 }), (start, steps) => {
        let highest = start + 4000;
        const numbers = [highest];
        for (const by of steps) {
          const number = Math.max(RESTART_START, highest + by);
          numbers.push(number);
          highest = Math.max(highest, number);
        }
        const stream = new MarkStream();
        const model = new Model();
        for (const [at, number] of numbers.entries())
          expect([number, stream.arrive(number, at)]).toEqual([number, model.arrive(number)]);
        expect(countsOf(stream)).toEqual(model.counts());
        expect(flat(stream.duplicatedSeqs)).toEqual(sorted(model.duplicates));
        expect(flat(stream.reorderedSeqs)).toEqual(sorted(model.late));
        expect(stream.extents.sum).toBe(model.extents);
      }),
    );
  });

  test("and a new start is found wherever it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 30, maxLength: 200 }),
        fc.nat(3),
        (steps, begin) => {
          const old = upTo(begin * 1000, begin * 1000 + 500).filter((number) => number % 7 !== 3);
          let number = -1;
          const anew = steps.map((by) => (number += by));
          const stream = after([...old, ...anew]);
          expect(countsOf(stream)).toMatchObject({
            received: old.length + anew.length,
            duplicated: 0,
            reordered: 0,
            restarts: 1,
          });
        },
      ),
    );
  });
});

const flat = (seqs: MarkStream["duplicatedSeqs"]): number[] =>
  seqs.toArray().flatMap(([first, last]) => upTo(first, last));
const sorted = (numbers: ReadonlySet<number>): number[] => [...numbers].sort((one, other) => one - other);

/** Below, a number may start a new generation. */
const RESTART_START = 64;

class Model {
  readonly #came: number[] = [];
  readonly #seen = new Set<number>();
  duplicated = 0;
  reordered = 0;
  extents = 0;
  readonly duplicates = new Set<number>();
  readonly late = new Set<number>();

  arrive(number: number): number {
    if (this.#seen.has(number)) {
      this.duplicated++;
      this.duplicates.add(number);
      return Arrival.Duplicate;
    }
    this.#seen.add(number);
    const overtaker = this.#came.findIndex((other) => other > number);
    this.#came.push(number);
    if (overtaker < 0) return Arrival.InOrder;
    this.reordered++;
    this.late.add(number);
    this.extents += this.#came.length - 1 - overtaker;
    return Arrival.Reordered;
  }

  counts(): object {
    const least = Math.min(...this.#came);
    const most = Math.max(...this.#came);
    const lost = upTo(least, most).filter((number) => !this.#seen.has(number));
    const missing: [number, number][] = [];
    for (const number of lost) {
      const last = missing.at(-1);
      if (last !== undefined && last[1] === number - 1) last[1] = number;
      else missing.push([number, number]);
    }
    const { duplicated, reordered } = this;
    return {
      received: this.#came.length,
      duplicated,
      reordered,
      late: 0,
      lost: lost.length,
      restarts: 0,
      missing: [missing],
    };
  }
}
