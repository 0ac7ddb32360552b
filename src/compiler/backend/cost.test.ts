import { describe, expect, it, test } from "vitest";
import { emit } from "./emit.ts";
import { costCurve } from "./testing/cost-curve.ts";
import { costShapes } from "./testing/cost-shapes.ts";

describe("functions of shapes that have made compilers slow go through", () => {
  it.each(Object.entries(costShapes))("%s", (_, make) => {
    expect(emit(make(3000), { verify: true }).instructions.length).toBeGreaterThan(8 * 1000);
  });
});

/** For eyes: `HOPMARK_CURVE=1000,10000,40000 npx vitest run src/compiler/backend/cost.test.ts`. */
const sizes = process.env["HOPMARK_CURVE"]?.split(",").map(Number);

test.runIf(sizes !== undefined)("the curve", { timeout: 600_000 }, () => {
  for (const [name, make] of Object.entries(costShapes)) {
    for (const { nodes, instructions, ms, microsecondsPerNode } of costCurve(make, sizes ?? [])) {
      const each = microsecondsPerNode.toFixed(1);
      process.stdout.write(
        `${name}: ${nodes} nodes, ${instructions} instructions, ${ms.toFixed(1)} ms, ${each} µs each\n`,
      );
    }
  }
});
