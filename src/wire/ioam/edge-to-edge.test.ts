import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { decodeEdgeToEdge, encodeEdgeToEdge, HOPMARK_E2E_TYPE, IoamE2eData } from "./edge-to-edge.ts";

const decode = (hex: string) => {
  const bytes = fromHex(hex);
  return decodeEdgeToEdge(bytes, 0, bytes.length);
};

test.each([
  ["007b 8000 0123456789abcdef", { e2eType: 0x8000, sequence: "81985529216486895" }],
  ["007b 4000 89abcdef", { e2eType: 0x4000, shortSequence: 0x89abcdef }],
  ["007b 2000 00000001", { e2eType: 0x2000, timestampSeconds: 1 }],
  ["007b 1000 000f423f", { e2eType: 0x1000, timestampFraction: 999_999 }],
  [
    "007b b000 ffffffffffffffff 6b006887 000e03a9",
    { e2eType: 0xb000, sequence: "18446744073709551615", timestampSeconds: 0x6b006887, timestampFraction: 0x000e03a9 },
  ],
  ["007b 0000", { e2eType: 0 }],
  ["007b 0801 0102", { e2eType: 0x0801, rest: "0x0102" }],
])("%s", (hex, expected) => {
  const option = decode(hex);
  expect(option).toEqual({ namespaceId: 123, ...expected });
  expect(toHex(encodeEdgeToEdge(option as never))).toBe(`0x${hex.replaceAll(" ", "")}`);
});

test.each([
  ["007b80", "the Edge-to-Edge header is cut"],
  ["007b c000 0000000000000000 00000000", "two sequence numbers"],
  ["007b 8000 00000000000000", "the Edge-to-Edge data is cut"],
  ["007b 2000 000000", "the Edge-to-Edge data is cut"],
])("%s is said to be wrong", (hex, reason) => expect(decode(hex)).toBe(reason));

test("what Hopmark writes is as long as its type says", () => {
  const bytes = encodeEdgeToEdge({ namespaceId: 1, e2eType: HOPMARK_E2E_TYPE });
  expect(bytes.length).toBe(IoamE2eData.size);
});

test("any bytes decode without throwing, and what is in order encodes to itself", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const option = decodeEdgeToEdge(bytes, 0, bytes.length);
      if (typeof option === "object") expect(toHex(encodeEdgeToEdge(option))).toBe(toHex(bytes));
    }),
  );
});
