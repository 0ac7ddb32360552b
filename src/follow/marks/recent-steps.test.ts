import { expect, test } from "vitest";
import { RecentSteps } from "./recent-steps.ts";

const SECOND = 1e9;

test("the last two minutes, steps in which nothing came included", () => {
  const recent = new RecentSteps();
  expect(recent.places()).toEqual([]);
  const count = (timeNs: number): void => void (recent.received[recent.at(timeNs)]! += 1);
  const shown = (): number[] => recent.places().map((at) => recent.received[at]!);
  for (const seconds of [0, 0.4, 1.6]) count(seconds * SECOND);
  expect(shown()).toEqual([2, 0, 0, 1]);
  // What is a little late still counts where it belongs.
  count(0.7 * SECOND);
  recent.advance(2.5 * SECOND);
  expect(shown()).toEqual([2, 1, 0, 1, 0, 0]);
  count(119.9 * SECOND);
  expect(shown().length).toBe(240);
  expect(shown().reduce((sum, value) => sum + value)).toBe(5);
  count(120.1 * SECOND);
  expect(shown()[0]).toBe(1);
  expect(recent.at(0)).toBe(-1);
  recent.advance(1e6 * SECOND);
  expect(shown()).toEqual(Array.from({ length: 240 }, () => 0));
});
