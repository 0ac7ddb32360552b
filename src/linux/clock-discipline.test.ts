import { expect, test } from "vitest";
import { clockDiscipline } from "./clock-discipline.ts";

test("the kernel says how well the clock is kept, within its own limits", () => {
  const { synchronised, estimatedErrorNs, maximumErrorNs } = clockDiscipline();
  expect(typeof synchronised).toBe("boolean");
  // The kernel never says more than 16 s, and says that when nothing keeps the clock.
  expect(maximumErrorNs).toBeLessThanOrEqual(16e9);
  expect(estimatedErrorNs).toBeGreaterThanOrEqual(0);
  if (!synchronised) expect(maximumErrorNs).toBe(16e9);
});
