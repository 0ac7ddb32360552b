import { describe, expect, test } from "vitest";
import { Harm, isHit } from "./hit.bpf.ts";
import { parsePattern } from "./pattern.ts";

const hits = (text: string, count: number, seed = 1n, harm: number = Harm.Loss): number[] => {
  const pattern = parsePattern(text);
  return Array.from({ length: count }, (_, at) => at).filter((at) => isHit(pattern, seed, harm, BigInt(at)));
};

test.each<[text: string, hit: number[]]>([
  ["every:5", [0, 5, 10, 15]],
  ["every:5+2", [2, 7, 12, 17]],
  ["every:8x3", [0, 1, 2, 8, 9, 10, 16, 17, 18]],
  ["every:8+1x2", [1, 2, 9, 10, 17, 18]],
  ["every:1", Array.from({ length: 20 }, (_, at) => at)],
  ["at:3,7,10-12", [3, 7, 10, 11, 12]],
  ["at:10-12,0", [0, 10, 11, 12]],
  ["100%", Array.from({ length: 20 }, (_, at) => at)],
])("%s hits %j of 20", (text, hit) => expect(hits(text, 20)).toEqual(hit));

describe("shares", () => {
  test("hit about as many as they say, others for another seed, and others for another harm", () => {
    const some = hits("10%", 10_000);
    expect(some.length).toBeGreaterThan(900);
    expect(some.length).toBeLessThan(1100);
    expect(hits("10%", 10_000)).toEqual(some);
    for (const others of [hits("10%", 10_000, 2n), hits("10%", 10_000, 1n, Harm.Duplicate)]) {
      const both = others.filter((at) => some.includes(at)).length;
      expect(both).toBeLessThan(200);
    }
  });

  test("in runs: whole ones, as many in all", () => {
    const some = hits("10%x4", 10_000);
    expect(some.length).toBeGreaterThan(800);
    expect(some.length).toBeLessThan(1200);
    for (const at of some.filter((one) => one % 4 === 0)) expect(some).toContain(at + 3);
    expect(some.every((at) => some.includes(at - (at % 4)))).toBe(true);
  });
});

test.each([
  ["1", "does not say which packets"],
  ["0%", "share"],
  ["101%", "share"],
  ["every:0", "every first"],
  ["every:5x6", "run"],
  ["at:5-3", "5-3"],
  ["at:1,1", "twice"],
  ["at:1-5,4", "twice"],
  ["at:,", "is no packet number"],
  [`at:${Array.from({ length: 129 }, (_, at) => at * 2).join(",")}`, "129 parts"],
])("%s is refused", (text, message) => expect(() => parsePattern(text)).toThrow(message));
