import { expect, test } from "vitest";
import { restAfter } from "./ring-wait.ts";

/** How long it rests, time after time, where `perMs` blocks of a ring of so many become full. */
const rests = (perMs: number, blocks: number): number[] => {
  let restMs = 0;
  return Array.from({ length: 20 }, () => (restMs = restAfter(restMs, Math.ceil(perMs * Math.max(restMs, 1)), blocks)));
};

test("where nothing became full, the kernel is listened to", () => {
  expect(restAfter(0, 0, 64)).toBe(0);
  expect(restAfter(20, 0, 64)).toBe(0);
});

test.each([
  ["100,000 packets a second", 0.06, 64],
  ["1.4 million", 0.85, 64],
  ["5 million", 3, 64],
  ["1.4 million, a ring of 2 MiB", 0.85, 8],
  ["1.4 million, the smallest ring", 0.85, 2],
])("a rest leaves two thirds of the ring empty: %s", (_, perMs, blocks) => {
  const all = rests(perMs, blocks).slice(8);
  for (const restMs of all) expect(restMs * perMs).toBeLessThanOrEqual(blocks / 3);
});

test("many packets in a large ring: one look for many blocks", () => {
  expect(Math.min(...rests(0.06, 64).slice(8))).toBe(20);
  expect(Math.min(...rests(0.85, 64).slice(8)) * 0.85).toBeGreaterThan(5);
  expect(rests(0.85, 2)).toEqual(Array.from({ length: 20 }, () => 0));
});
