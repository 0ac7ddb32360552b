import fc from "fast-check";
import { expect, test } from "vitest";
import { MergeByTime } from "./merge-by-time.ts";
import { StagedPackets } from "./staged-packets.ts";

/** Rings whose packets came at these times; `old`: how many of each have waited before. */
const merged = (rings: readonly (readonly number[])[], until = Infinity, old: readonly number[] = []) => {
  const staged = new StagedPackets(rings.length, 0);
  const oldTo = new Uint32Array(rings.length);
  rings.forEach((times, ring) => {
    staged.begin(ring);
    oldTo[ring] = staged.count + (old[ring] ?? 0);
    for (const time of times) {
      if (staged.count === staged.time.length) throw new Error("too many for this test");
      staged.time[staged.count++] = time;
    }
    staged.end(ring);
  });
  const merge = new MergeByTime(rings.length);
  const seen: [ring: number, time: number][] = [];
  merge.run(staged, until, oldTo, (n, ring) => seen.push([ring, staged.time[n]!]));
  const left = rings.map((_, ring) => staged.to[ring]! - merge.heads[ring]!);
  return { seen, left };
};

test("rings in order become one sequence in order, each ring's own order kept", () => {
  const ring = fc.array(fc.nat(1000), { maxLength: 20 }).map((times) => times.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(fc.array(ring, { maxLength: 12 }), fc.nat(1100), (rings, until) => {
      const { seen, left } = merged(rings, until);
      const times = seen.map(([, time]) => time);
      expect(times).toEqual(rings.flat().filter((time) => time <= until).toSorted((a, b) => a - b)); // prettier-ignore
      expect(left).toEqual(rings.map((own) => own.filter((time) => time > until).length));
    }),
  );
});

test("whatever the times are, nothing is lost or told twice, and a ring keeps its order", () => {
  const ring = fc.array(fc.oneof(fc.nat(1000), fc.constant(NaN)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(ring, { maxLength: 8 }), fc.nat(1000), fc.array(fc.nat(20)), (rings, until, old) => {
      const { seen, left } = merged(rings, until, rings.map((own, at) => Math.min(own.length, old[at] ?? 0))); // prettier-ignore
      rings.forEach((times, at) => {
        const own = seen.filter(([of]) => of === at).map(([, time]) => time);
        expect(own).toEqual(times.slice(0, own.length));
        expect(own.length + left[at]!).toBe(times.length);
        expect(own.length).toBeGreaterThanOrEqual(Math.min(times.length, old[at] ?? 0));
      });
    }),
  );
});

test("a clock that is ahead does not hold its ring up for ever", () => {
  expect(merged([[5, 9000], [6]], 10)).toEqual({ seen: [[0, 5], [1, 6]], left: [1, 0] }); // prettier-ignore
  expect(merged([[9000], [12]], 20, [1])).toEqual({ seen: [[1, 12], [0, 9000]], left: [0, 0] }); // prettier-ignore
});
