/** What counts as a difference between two nodes, and which differences are meant. */
import { describe, expect, test } from "vitest";
import { differencesOf, handlingOf, newValues } from "./compare.ts";
import { frame, hopByHop, HOP_BY_HOP_AT, padding, traceHeader, traceOption } from "./frames.ts";
import { knownDifference } from "./known-differences.ts";

const before = frame({ hopByHop: traceHeader({ traceType: 0x880000, data: new Uint8Array(16) }) });
const ENTRY_AT = HOP_BY_HOP_AT + 16 + 8;

/** As a node fills it: hop limit, node id, delay. */
const filled = (entry: readonly number[]): Uint8Array => {
  const after = before.slice();
  after[HOP_BY_HOP_AT + 11]! -= 2;
  after[21]! -= 1;
  after.set(entry, ENTRY_AT);
  return after;
};
const byKernel = filled([63, 0, 0, 2, 0xff, 0xff, 0xff, 0xff]);

describe("what became of a packet", () => {
  test("filled", () => {
    expect(handlingOf(before, byKernel)).toBe("filled");
    expect(newValues(before, byKernel)).toEqual([
      { name: "hopLimit", value: "0x3f" },
      { name: "nodeId", value: "0x000002" },
      { name: "transitDelayNs", value: "0xffffffff" },
    ]);
  });
  test("dropped", () => expect(handlingOf(before, null)).toBe("dropped"));
  test("untouched, though forwarded", () => {
    const after = before.slice();
    after[21]! -= 1;
    after[0] = 2;
    expect(handlingOf(before, after)).toBe("untouched");
  });
  test("overflow set, and nothing else", () => {
    const after = before.slice();
    after[HOP_BY_HOP_AT + 10]! |= 4;
    expect(handlingOf(before, after)).toBe("overflow set");
    after[HOP_BY_HOP_AT + 10]! |= 2;
    expect(handlingOf(before, after)).toBe("other");
  });
  test("in a header of other options", () => {
    const given = frame({ hopByHop: hopByHop([padding(6), padding(4), traceOption({ data: new Uint8Array(16) })]) });
    const after = given.slice();
    after[HOP_BY_HOP_AT + 19]! -= 4;
    expect(handlingOf(given, after)).toBe("filled");
    expect(newValues(given, after).map(({ name }) => name)).toContain("timestampFraction");
  });
});

describe("differences", () => {
  test("none", () => expect(differencesOf(before, byKernel, byKernel.slice())).toEqual([]));
  test("a delay that only one knows is meant", () => {
    const found = differencesOf(before, byKernel, filled([63, 0, 0, 2, 0, 0, 1, 0]));
    expect(found).toEqual([{ what: "transitDelayNs", kernel: "0xffffffff", other: "0x00000100" }]);
    expect(found.map((one) => knownDifference(one, "tc")?.what)).toEqual(["transitDelayNs"]);
    expect(found.map((one) => knownDifference(one, "xdp"))).toEqual([undefined]);
  });
  test("another node id is not meant", () => {
    const [found] = differencesOf(before, byKernel, filled([63, 0, 0, 3, 0xff, 0xff, 0xff, 0xff]));
    expect(found).toEqual({ what: "nodeId", kernel: "0x000002", other: "0x000003" });
    expect(knownDifference(found!, "tc")).toBeUndefined();
  });
  test("a packet that only one drops", () => {
    expect(differencesOf(before, null, byKernel)).toEqual([{ what: "handling", kernel: "dropped", other: "filled" }]);
  });
  test("a byte elsewhere", () => {
    const other = byKernel.slice();
    other[60]! ^= 1;
    expect(differencesOf(before, byKernel, other).map(({ what }) => what)).toEqual(["byte 60"]);
  });
});
