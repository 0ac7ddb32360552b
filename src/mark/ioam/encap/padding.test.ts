import { expect, test } from "vitest";
import { encodeLayout } from "../../../wire/codec.ts";
import { toHex } from "../../../wire/hex.ts";
import { paddingOf } from "./padding.ts";

test.each([
  [1, "0x00"],
  [2, "0x0100"],
  [3, "0x010100"],
  [4, "0x01020000"],
  [5, "0x0103000000"],
  [6, "0x010400000000"],
  [7, "0x01050000000000"],
])("%i bytes of padding", (bytes, hex) => {
  const { layout, values } = paddingOf(bytes);
  const named = Object.fromEntries(values.map(({ name, value }) => [name, value]));
  expect(toHex(encodeLayout(layout, named))).toBe(hex);
});
