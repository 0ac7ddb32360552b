import { expect, test } from "vitest";
import { arrayMap, hashMap, variable } from "../../kernel/maps.ts";
import { struct, u16, u32, u64 } from "../../wire/layout.ts";
import { plainStyle } from "../framework/style.ts";
import type { MapEntry } from "./map-reader.ts";
import { MapWatch } from "./map-watch.ts";
import { renderRun, ringText, type RunState } from "./run-screen.ts";
import { summaryText } from "./run-summary.ts";

const Count = struct("count", { packets: u64, last: u16 });
const total = new MapWatch("total", variable(u32, 0), 0);
total.look({ entries: [[null, { value: 1234 }]], more: false }, 1000);
const ports = new MapWatch("ports", hashMap(u16, Count, { entries: 100 }), 0);
const entries = Array.from({ length: 30 }, (_, index): MapEntry => [
  index,
  { packets: BigInt(index) * 1000n, last: 7 },
]);
ports.look({ entries, more: false }, 1000);
const later = entries.map(([key, value]): MapEntry =>
  key === 29 ? [key, { packets: 29_002n, last: 7 }] : [key, value],
);
ports.look({ entries: later, more: false }, 2000);

const state: RunState = {
  title: "count (xdp) on lo",
  note: "count.bpf.ts · Ctrl-C ends",
  elapsedMs: 2040,
  maps: [total, ports],
  rings: [],
};

test("the highest counters, with how fast they grow", () => {
  expect(renderRun(state, { width: 80, height: 20 }, plainStyle)).toEqual([
    "  count (xdp) on lo  2.0 s",
    "  count.bpf.ts · Ctrl-C ends",
    "  ",
    "  total  1,234  1,234/s",
    "  ",
    "  ports  hash, 30 of 100 entries",
    "    key  packets  /s  last",
    "     29   29,002   2     7",
    ...Array.from({ length: 11 }, (_, at) => `     ${28 - at}   ${28 - at},000   0     7`),
    "    and 18 more",
  ]);
});

test.each([
  [10, 80],
  [3, 20],
  [100, 15],
])("fits into %i lines of %i columns", (height, width) => {
  const lines = renderRun(state, { width, height }, plainStyle);
  expect(lines.length).toBeLessThanOrEqual(height);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
});

test("the end says what there is, not how fast it went", () => {
  const text = summaryText("count (xdp) on lo", 2, [total, ports], [], plainStyle).split("\n");
  expect(text.slice(0, 5)).toEqual([
    "count (xdp) on lo: 2.0 s",
    "total  1,234",
    "ports  hash, 30 of 100 entries",
    "  key  packets  last",
    "   29   29,002     7",
  ]);
  expect(text.at(-1)).toBe("  and 10 more");
});

test("on a narrow terminal what says least is left out, whole, and said to be", () => {
  const Flow = struct("flow", { source: u32, destinationPort: u16 });
  const Seen = struct("seen", { packets: u64, bytes: u64, lastSeenNs: u64 });
  const flows = new MapWatch("flows", hashMap(Flow, Seen, { entries: 4 }), 0);
  const seen = { packets: 1200n, bytes: 96_000n, lastSeenNs: 78_928_284_884_217n };
  flows.look({ entries: [[{ source: 40_000, destinationPort: 443 }, seen]], more: false }, 1000);
  const at = (width: number): string[] =>
    renderRun({ ...state, maps: [flows] }, { width, height: 10 }, plainStyle).slice(3);
  expect(at(90)).toEqual([
    "  flows  hash, 1 of 4 entries",
    "    source  destinationPort  packets     /s   bytes      /s          lastSeenNs",
    "     40000              443    1,200  1,200  96,000  96,000  78,928,284,884,217",
  ]);
  expect(at(55)).toEqual([
    "  flows  hash, 1 of 4 entries, without lastSeenNs",
    "    source  destina…  packets     /s   bytes      /s",
    "     40000       443    1,200  1,200  96,000  96,000",
  ]);
  expect(at(40)).toEqual([
    "  flows  hash, 1 of 4 entries, without…",
    "    source  destina…  packets     /s",
    "     40000       443    1,200  1,200",
  ]);
  expect(summaryText("x", 1, [flows], [], plainStyle, 40).split("\n").at(-1)).toBe(
    "   40000       443    1,200  96,000",
  );
});

test("an array of counts is a histogram", () => {
  const sizes = new MapWatch("sizes", arrayMap(u64, { entries: 8 }), 0);
  const counts: MapEntry[] = [10n, 80n, 3n].map((value, at) => [at + 2, { value }]);
  sizes.look({ entries: counts, more: false }, 1000);
  expect(renderRun({ ...state, maps: [sizes] }, { width: 40, height: 10 }, plainStyle).slice(4)).toEqual([
    "    index  value  /s",
    "        2     10  10  ██▎",
    "        3     80  80  ██████████████████",
    "        4      3   3  ▋",
  ]);
});

test("one is not several", () => {
  const one = new MapWatch("one", arrayMap(u32, { entries: 1 }), 0);
  one.look({ entries: [[0, { value: 7 }]], more: false }, 1000);
  const text = summaryText("x", 1, [one], [], plainStyle);
  expect(text).toContain("one  array, 1 of 1 entry is not 0");
  expect(ringText({ reader: { records: 1, discarded: 0 }, wasFull: false })).toBe("1 record");
  const full = { reader: { records: 2000, discarded: 3 }, wasFull: true };
  expect(ringText(full)).toBe("2,000 records, 3 discarded, it was full: others may not have fitted");
});
