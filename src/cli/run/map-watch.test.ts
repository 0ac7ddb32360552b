import { expect, test } from "vitest";
import { devMapHash } from "../../kernel/dev-map.ts";
import { arrayMap, hashMap, perCpuHashMap, variable } from "../../kernel/maps.ts";
import { programArray } from "../../kernel/program-array.ts";
import { ipv6 } from "../../wire/address.ts";
import { ipv6Address, nested, struct, u32, u64 } from "../../wire/layout.ts";
import type { MapEntry } from "./map-reader.ts";
import { MapWatch, type MapLook } from "./map-watch.ts";

const Source = struct("source", { address: ipv6Address });
const Count = struct("count", { packets: u64, size: nested(struct("size", { bytes: u32 })) });
const one = { address: ipv6("::1") };
const two = { address: ipv6("::2") };
const counted = (packets: bigint, bytes: number) => ({ packets, size: { bytes } });

const look = (watch: MapWatch, nowMs: number, ...entries: readonly MapEntry[]): MapLook =>
  watch.look({ entries, more: false }, nowMs);

test("counters grow by the second, from nothing when an entry is new", () => {
  const watch = new MapWatch("sources", hashMap(Source, Count, { entries: 8 }), 1000);
  const first = look(watch, 3000, [one, counted(4n, 100)]);
  expect(first.entries).toMatchObject([{ key: one, changed: true, rates: { packets: 2, "size.bytes": 50 } }]);
  const second = look(watch, 4000, [one, counted(4n, 100)], [two, counted(1n, 0)]);
  expect(second.entries.map(({ changed, rates }) => ({ changed, rates }))).toEqual([
    { changed: false, rates: {} },
    { changed: true, rates: { packets: 1 } },
  ]);
  expect([...watch.growing]).toEqual(["packets", "size.bytes"]);
});

test("what shrinks has no rate, and what is gone is said once", () => {
  const watch = new MapWatch("sources", hashMap(Source, Count, { entries: 8 }), 0);
  look(watch, 1000, [one, counted(4n, 100)], [two, counted(1n, 1)]);
  const second = look(watch, 2000, [one, counted(3n, 100)]);
  expect(second.entries).toMatchObject([{ changed: true, rates: {} }]);
  expect(second.removed).toMatchObject([{ key: two }]);
  expect(look(watch, 3000, [one, counted(3n, 100)]).removed).toEqual([]);
});

test("nothing counts as gone when not all was read", () => {
  const watch = new MapWatch("sources", hashMap(Source, Count, { entries: 8 }), 0);
  look(watch, 1000, [one, counted(4n, 100)]);
  expect(watch.look({ entries: [[two, counted(1n, 1)]], more: true }, 2000)).toMatchObject({ removed: [], more: true });
});

test("of an array, entries that never held anything are left out; one that was emptied is not", () => {
  const watch = new MapWatch("slots", arrayMap(u32, { entries: 3 }), 0);
  const entries = (value: number): MapEntry[] => [0, 1, 2].map((index) => [index, { value: index === 1 ? value : 0 }]);
  expect(look(watch, 1000, ...entries(7)).entries.map(({ key }) => key)).toEqual([1]);
  expect(look(watch, 2000, ...entries(0)).entries).toMatchObject([{ key: 1, value: { value: 0 }, changed: true }]);
});

test("a variable has no key, and shows also when it is 0", () => {
  const watch = new MapWatch("total", variable(u32, 0), 0);
  expect(look(watch, 1000, [null, { value: 0 }]).entries).toMatchObject([{ keyLeaves: [], rates: {} }]);
});

test("numbers of programs and interfaces do not grow", () => {
  const jumps = new MapWatch("jumps", programArray({ entries: 2 }), 0);
  expect(look(jumps, 1000, [1, { id: 700 }]).entries).toMatchObject([
    { keyLeaves: [{ name: "index", text: "1" }], rates: {} },
  ]);
  const ports = new MapWatch("ports", devMapHash({ entries: 2 }), 0);
  expect(look(ports, 1000, [1, { ifindex: 3 }]).entries).toMatchObject([{ keyLeaves: [{ name: "key" }], rates: {} }]);
  expect([...jumps.growing, ...ports.growing]).toEqual([]);
});

test("variables and arrays count from what they held when counting started", () => {
  const limit = new MapWatch("limit", variable(u32, 100), 0, { entries: [[null, { value: 100 }]], more: false });
  expect(look(limit, 1000, [null, { value: 100 }]).entries).toMatchObject([{ changed: true, rates: {} }]);
  expect(look(limit, 2000, [null, { value: 103 }]).entries).toMatchObject([{ rates: { value: 3 } }]);
  const slots = new MapWatch("slots", arrayMap(u32, { entries: 2 }), 0, {
    entries: [
      [0, { value: 50 }],
      [1, { value: 0 }],
    ],
    more: false,
  });
  expect(look(slots, 1000, [0, { value: 51 }], [1, { value: 4 }]).entries.map(({ rates }) => rates)).toEqual([
    { value: 1 },
    { value: 4 },
  ]);
});

test("times and what was seen to shrink have no rate", () => {
  const Flow = struct("flow", { packets: u64, lastNs: u64, depth: u32, opened_at: u64 });
  const watch = new MapWatch("flows", arrayMap(Flow, { entries: 1 }), 0);
  const flow = (packets: bigint, depth: number) => ({ packets, lastNs: packets * 100n, depth, opened_at: packets });
  expect(look(watch, 1000, [0, flow(1n, 5)]).entries[0]?.rates).toEqual({ packets: 1, depth: 5 });
  expect(look(watch, 2000, [0, flow(2n, 3)]).entries[0]?.rates).toEqual({ packets: 1 });
  expect(look(watch, 3000, [0, flow(3n, 9)]).entries[0]?.rates).toEqual({ packets: 1 });
  expect([...watch.growing]).toEqual(["packets"]);
  const last = new MapWatch("lastNs", variable(u64, 0n), 0);
  expect(look(last, 1000, [null, { value: 5788n }]).entries[0]?.rates).toEqual({});
});

test("each CPU's value is an entry of its own", () => {
  const watch = new MapWatch("counts", perCpuHashMap(u32, u64, { entries: 4 }), 0);
  look(watch, 1000, [7, { value: 5n }, 0], [7, { value: 0n }, 1]);
  expect(look(watch, 2000, [7, { value: 9n }, 0], [7, { value: 2n }, 1]).entries).toMatchObject([
    { cpu: 0, keyLeaves: [{ name: "key" }, { name: "cpu", text: "0" }], rates: { value: 4 } },
    { cpu: 1, keyLeaves: [{ name: "key" }, { name: "cpu", text: "1" }], rates: { value: 2 } },
  ]);
});

test("what was not read the last time has no rate", () => {
  const watch = new MapWatch("sources", hashMap(u32, u64, { entries: 8 }), 0);
  watch.look({ entries: [[1, { value: 5n }]], more: true, total: 2 }, 1000);
  const { entries, total } = watch.look(
    {
      entries: [
        [1, { value: 6n }],
        [2, { value: 90n }],
      ],
      more: true,
      total: 3,
    },
    2000,
  );
  expect(entries.map(({ rates }) => rates)).toEqual([{ value: 1 }, {}]);
  expect(total).toBe(3);
});

test.each(["maxDelay", "largest_packet", "smallestPacket", "stats.min"])(
  "%s is an extreme, and does not count",
  (name) => {
    const watch = new MapWatch(
      "x",
      hashMap(u32, struct("x", { [name]: u32, lastly: u32, maximal: u32 }), { entries: 1 }),
      0,
    );
    const [entry] = look(watch, 1000, [1, { [name]: 5, lastly: 5, maximal: 5 }]).entries;
    expect(Object.keys(entry?.rates ?? {})).toEqual(["lastly", "maximal"]);
  },
);
