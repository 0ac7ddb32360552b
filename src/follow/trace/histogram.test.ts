import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, BUCKETS, bucketStart, Histogram } from "./histogram.ts";

test("every bucket starts with a value of its own", () => {
  const starts = Array.from({ length: BUCKETS }, (_, bucket) => bucketStart(bucket));
  expect(starts.map(bucketOf)).toEqual(starts.map((_, bucket) => bucket));
  expect(starts.slice(1).map((start) => bucketOf(start - 1))).toEqual(starts.slice(1).map((_, bucket) => bucket));
});

test("values below 64 are exact, larger ones to 1/32", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      const value = number % 2 ** 48;
      const start = bucketStart(bucketOf(value));
      const width = bucketStart(bucketOf(value) + 1) - start;
      expect(start <= value && value < start + width).toBe(true);
      expect(width).toBeLessThanOrEqual(Math.max(1, value / 32));
    }),
  );
});

test("a value past the last bucket is counted there, and is the maximum", () => {
  const histogram = new Histogram();
  histogram.add(2 ** 50);
  expect(bucketOf(2 ** 50)).toBe(BUCKETS - 1);
  expect(histogram.quantile(0.5)).toBe(2 ** 50);
});

test("quantiles agree with the sorted values", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000_000), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.add(value);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? NaN;
        const found = histogram.quantile(share) ?? NaN;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact / 32);
      },
    ),
  );
});

test("nothing counted has no quantile", () => expect(new Histogram().quantile(0.5)).toBe(null));
