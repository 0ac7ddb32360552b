import { expect, test } from "vitest";
import { restAfter } from "./ring-wait.ts";

test("where nothing became full, the kernel is listened to", () => {
  expect(restAfter(5, 0, 64)).toBe(0);
  expect(restAfter(0, 0, 64)).toBe(0);
});

// The rest by the blocks that become full in a ms.
test.each([
  ["78,000 packets a second: a block comes when the kernel says so", 0.048, 64, 0],
  ["400,000", 0.24, 64, 20],
  ["1.4 million", 0.85, 64, 12],
  ["5 million", 3, 64, 3],
  ["1.4 million, a ring of 4 MiB", 0.85, 16, 3],
  ["1.4 million, a ring of 2 MiB", 0.85, 8, 0],
  ["1.4 million, the smallest ring", 0.85, 2, 0],
])("%s", (_, perMs, blocks, expected) => {
  for (const full of [1, 3, 10]) {
    const restMs = restAfter(full / perMs, full, blocks);
    expect(restMs).toBe(expected);
    expect(restMs * perMs).toBeLessThanOrEqual(blocks / 3);
  }
});
