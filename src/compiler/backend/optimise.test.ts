import { describe, expect, it } from "vitest";
import type { SsaFunction } from "../ssa/ir.ts";
import { verify } from "../ssa/verify.ts";
import { passes } from "./optimise.ts";
import { repeatSums } from "./passes/repeat-sums.ts";
import { splitCriticalEdges } from "./passes/split-critical-edges.ts";
import { outcomeOfIr } from "./testing/compare.ts";
import { randomFunction, type Shape } from "./testing/random-function.ts";

const shapes: Record<string, Shape> = {
  small: { size: 15, pool: 5, calls: false },
  large: { size: 250, pool: 10, calls: true },
};

describe("every pass keeps a function valid and its meaning", () => {
  const count = Number(process.env["HOPMARK_FUZZ"] ?? 200);
  const all = [...passes, splitCriticalEdges, repeatSums];
  it.each(Object.entries(shapes))("%s", { timeout: 600_000 }, (_, shape) => {
    for (let seed = 0; seed < count; seed++) {
      const fn: SsaFunction = randomFunction(seed, shape);
      const expected = [0, 1].map((input) => outcomeOfIr(fn, input));
      for (const pass of all) {
        pass(fn);
        verify(fn);
        expect(
          [0, 1].map((input) => outcomeOfIr(fn, input)),
          `seed ${seed} after ${pass.name}`,
        ).toEqual(expected);
      }
    }
  });
});
