import { describe, expect, it } from "vitest";
import { buildIntervals } from "./build-intervals.ts";
import { linearScan } from "./linear-scan.ts";
import { optimise } from "./optimise.ts";
import { orderBlocks } from "./order-blocks.ts";
import { splitCriticalEdges } from "./passes/split-critical-edges.ts";
import { resolve } from "./resolve.ts";
import { select } from "./select.ts";
import { checkAllocation } from "./testing/check-allocation.ts";
import { randomFunction, type Shape } from "./testing/random-function.ts";

const shapes: Record<string, Shape> = {
  "fits the registers": { size: 60, pool: 5, calls: false },
  "more values than registers": { size: 150, pool: 24, calls: false },
  "many values across calls": { size: 200, pool: 16, calls: true },
};

describe("every use finds its value where it was left, on every path", () => {
  const count = Number(process.env["HOPMARK_FUZZ"] ?? 200);
  it.each(Object.entries(shapes))("%s", { timeout: 600_000 }, (_, shape) => {
    for (let seed = 0; seed < count; seed++) {
      const fn = randomFunction(seed, shape);
      if (seed % 2 === 0) optimise(fn);
      splitCriticalEdges(fn);
      const machine = select(fn, orderBlocks(fn));
      const intervals = buildIntervals(machine);
      const resolution = resolve(machine, intervals, linearScan(machine, intervals));
      expect(checkAllocation(machine, resolution), `seed ${seed}`).toEqual([]);
    }
  });
});
