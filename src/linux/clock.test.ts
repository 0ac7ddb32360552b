import { expect, test } from "vitest";
import { clockOffset, readClock } from "./clock.ts";

test("clocks are the ones that Node reads", () => {
  const before = process.hrtime.bigint();
  const monotonic = readClock("monotonic");
  expect(monotonic).toBeGreaterThan(before);
  expect(process.hrtime.bigint()).toBeGreaterThan(monotonic);
  const realtime = Number(readClock("realtime") / 1_000_000n);
  expect(Math.abs(realtime - Date.now())).toBeLessThan(1000);
  const earlier = readClock("monotonic");
  expect(readClock("boottime")).toBeGreaterThanOrEqual(earlier);
});

test("an offset turns one clock into the other, within its uncertainty", () => {
  const { offsetNs, uncertaintyNs, measuredAtNs } = clockOffset("monotonic", "realtime");
  expect(uncertaintyNs).toBeGreaterThan(0n);
  expect(uncertaintyNs).toBeLessThan(1_000_000n);
  expect(measuredAtNs).toBeLessThanOrEqual(readClock("monotonic"));
  const before = readClock("realtime");
  const computed = readClock("monotonic") + offsetNs;
  const after = readClock("realtime");
  expect(computed + uncertaintyNs).toBeGreaterThanOrEqual(before);
  expect(computed - uncertaintyNs).toBeLessThanOrEqual(after);
});

test("TAI and REALTIME are whole seconds apart, both ways", () => {
  const offset = clockOffset("tai", "realtime");
  expect(offset.offsetNs % 1_000_000_000n).toBe(0n);
  expect(offset.uncertaintyNs).toBe(0n);
  expect(clockOffset("realtime", "tai").offsetNs).toBe(-offset.offsetNs);
  expect(offset.offsetNs).toBeLessThanOrEqual(0n);
  expect(offset.offsetNs).toBeGreaterThan(-60_000_000_000n);
});
