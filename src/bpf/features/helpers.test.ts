import { expect, test } from "vitest";
import { mayCall } from "./helpers.ts";

test("the kernel says which helpers programs of a type may call", () => {
  const [mapLookup, adjustRoom, fibLookup, none] = [1, 50, 69, 9999];
  expect([mapLookup, adjustRoom, fibLookup, none].map((helper) => mayCall("xdp", helper))).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([mapLookup, adjustRoom, fibLookup, none].map((helper) => mayCall("tc", helper))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(mayCall("cgroupSkb", fibLookup!)).toBe(false);
});
