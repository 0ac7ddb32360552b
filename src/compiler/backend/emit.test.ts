import { describe, expect, it } from "vitest";
import { emit } from "./emit.ts";
import { outcomeOfCode, outcomeOfIr } from "./testing/compare.ts";
import { randomFunction, type Shape } from "./testing/random-function.ts";

const shapes: Record<string, Shape> = {
  small: { size: 12, pool: 4, calls: false },
  "straight and full": { size: 60, pool: 20, calls: false },
  calls: { size: 40, pool: 6, calls: true },
  "many values across calls": { size: 120, pool: 16, calls: true },
  large: { size: 400, pool: 12, calls: true },
};

describe("random functions compute in eBPF what they compute as IR", () => {
  const count = Number(process.env["HOPMARK_FUZZ"] ?? 400);
  it.each(Object.entries(shapes))("%s", { timeout: 600_000 }, (_, shape) => {
    for (let seed = 0; seed < count; seed++) {
      const fn = randomFunction(seed, shape);
      const expected = [0, 1, 2].map((input) => outcomeOfIr(fn, input));
      const code = emit(fn, { verify: true, cpu: seed % 2 === 0 ? "v3" : "v4" });
      const actual = [0, 1, 2].map((input) => outcomeOfCode(code, input));
      expect(actual, `seed ${seed}`).toEqual(expected);
    }
  });
});
