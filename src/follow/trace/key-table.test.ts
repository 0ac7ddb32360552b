import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyTable } from "./key-table.ts";

test("the same words have the same index, others another", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 4 }), { maxLength: 200 }), (runs) => {
      const table = new KeyTable(1000);
      const expected = new Map<string, number>();
      for (const run of runs) {
        const text = run.join();
        if (!expected.has(text)) expected.set(text, expected.size);
        expect(table.indexOf(Int32Array.from([...run, 99]), run.length)).toBe(expected.get(text));
      }
      expect(table.size).toBe(expected.size);
    }),
  );
});

test("a full table still finds what it has, and refuses what is new", () => {
  const table = new KeyTable(2);
  const indexes = [10, 20, 30, 20].map((word) => table.indexOf(Int32Array.of(word), 1));
  expect(indexes).toEqual([0, 1, -1, 1]);
  expect([...table.key(1)]).toEqual([20]);
});
