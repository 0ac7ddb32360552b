import { expect, test } from "vitest";
import { textOf } from "./text.ts";

test.each([
  [[110, 111, 100, 101, 0, 120], "node"],
  [[0xc3, 0xa4], "ä"],
  [[0], ""],
  [[], ""],
])("%j is %j", (bytes, text) => {
  expect(textOf(bytes)).toBe(text);
});
