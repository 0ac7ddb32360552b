import { expect, test } from "vitest";
import { IdMap, IdSet } from "./by-id.ts";

test("a table knows what was put in, in any order of ids", () => {
  const map = new IdMap<{ id: number }, string>();
  for (const id of [700, 3, 0]) map.set({ id }, `${id}`);
  expect([0, 3, 700, 1, 699, 701, 5000].map((id) => map.get({ id }))).toEqual([
    "0",
    "3",
    "700",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  map.set({ id: 3 }, undefined);
  expect([map.has({ id: 3 }), map.has({ id: 700 }), map.has({ id: 701 })]).toEqual([false, true, false]);
});

test("a set grows, and tells what is new to it", () => {
  const set = new IdSet<{ id: number }>();
  expect([5, 255, 256, 10_000, 256].map((id) => set.add({ id }))).toEqual([true, true, true, true, false]);
  set.delete({ id: 256 });
  set.delete({ id: 70_000 });
  expect([5, 255, 256, 9_999, 10_000, 70_000].map((id) => set.has({ id }))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});
