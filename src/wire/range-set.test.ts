import fc from "fast-check";
import { expect, test } from "vitest";
import { RangeSet } from "./range-set.ts";

test("holds what a set holds, as ranges that neither touch nor overlap", () => {
  const step = fc.record({ first: fc.nat(60), length: fc.nat(8), out: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const set = new RangeSet();
      const model = new Set<number>();
      for (const { first, length, out } of steps) {
        if (out) expect(set.delete(first)).toBe(model.delete(first));
        else {
          const numbers = Array.from({ length: length + 1 }, (_, at) => first + at);
          if (numbers.some((number) => model.has(number))) continue;
          set.add(first, first + length);
          for (const number of numbers) model.add(number);
        }
      }
      const ranges = set.toArray();
      expect(
        ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at)),
      ).toEqual([...model].sort((one, other) => one - other));
      for (let at = 1; at < ranges.length; at++) expect(ranges[at]![0]).toBeGreaterThan(ranges[at - 1]![1] + 1);
      expect(set.size).toBe(model.size);
      expect(set.complete).toBe(true);
      for (let number = 0; number < 70; number++) expect(set.has(number)).toBe(model.has(number));
    }),
  );
});

test("says when it had to leave something out", () => {
  const set = new RangeSet(2);
  for (const number of [1, 3, 5]) set.add(number);
  expect([set.toArray(), set.size, set.complete]).toEqual([
    [
      [1, 1],
      [3, 3],
    ],
    2,
    false,
  ]);
  const cut = new RangeSet(1);
  cut.add(1, 9);
  cut.delete(4);
  expect([cut.toArray(), cut.size, cut.complete]).toEqual([[[1, 3]], 3, false]);
});

test("forgets the lowest", () => {
  const set = new RangeSet();
  for (const number of [1, 2, 5, 9]) set.add(number);
  expect(set.dropLowest(2)).toBe(5);
  expect([set.toArray(), set.size, set.dropLowest(0)]).toEqual([[[9, 9]], 1, -Infinity]);
});
