import fc from "fast-check";
import { test, expect } from "vitest";
import { NanosecondWords } from "./nanoseconds.ts";

test("words are those of the 64-bit number", () => {
  const words = new NanosecondWords();
  const seconds = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (whole, rest) => {
      const { high, low } = words.set(whole, rest);
      expect((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toBe(BigInt(whole) * 1_000_000_000n + BigInt(rest));
    }),
  );
});
