import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Histogram } from "../../follow/trace/histogram.ts";
import { summarise } from "../../follow/trace/summary.ts";
import { ansiStyle, plainStyle } from "../framework/style.ts";
import { histogramBars, sparkline } from "./bars.ts";
import { clip, visibleWidth } from "./clip.ts";
import { DelayHistory } from "./delay-history.ts";
import { crossing, names, pathOf, statisticsOf } from "./fixtures/traffic.ts";
import { packetLine, shortPacketLine } from "./packet-line.ts";
import { bytes, clockTime, count, duration } from "./quantity.ts";
import { renderScreen, type LiveState } from "./screen.ts";
import { clockLines, summaryText } from "./summary-text.ts";

beforeAll(() => void vi.stubEnv("TZ", "UTC"));
afterAll(() => void vi.unstubAllEnvs());

test.each([
  [0, "0 ns"],
  [999, "999 ns"],
  [1000, "1 µs"],
  [3400, "3.4 µs"],
  [9996, "10 µs"],
  [99_960, "100 µs"],
  [123_456, "123 µs"],
  [1_250_000, "1.25 ms"],
  [2_000_000_000, "2 s"],
  [-40_000, "-40 µs"],
  [null, "-"],
])("%s ns is %s", (ns, text) => expect(duration(ns)).toBe(text));

test("other quantities", () => {
  expect([0, 1500, 65_536, 50_000_000, null].map(bytes)).toEqual(["0 B", "1500 B", "64 KiB", "47.7 MiB", "-"]);
  expect([1234567, null].map(count)).toEqual(["1,234,567", "?"]);
  expect(clockTime("1763704833000050000")).toBe("06:00:33.000050");
});

test("bars", () => {
  expect(sparkline([0, 1, null, 4, 8])).toBe("▁▁ ▄█");
  const histogram = new Histogram();
  expect(histogramBars(histogram, 4)).toBe("    ");
  for (const value of [4, 4, 4, 4, 60, 64]) histogram.add(value);
  expect(histogramBars(histogram, 4)).toBe("█  ▄");
  const single = new Histogram();
  single.add(7);
  expect(histogramBars(single, 4)).toBe("█   ");
});

test("what is cut keeps its colours and loses no more than it must", () => {
  const text = `ab${ansiStyle("red", "cdef")}gh`;
  expect(visibleWidth(text)).toBe(8);
  expect(clip(text, 8)).toBe(text);
  expect(clip(text, 4)).toBe("ab\u001b[31mcd\u001b[0m");
});

const line = (record: Uint8Array): string => packetLine(pathOf(record), plainStyle);

test("a packet's line says all that its trace says", () => {
  expect(line(crossing(40, 9))).toBe(
    "06:00:33.000000 icmpv6 db01::1 > db02::2 ns 123: athos id 1 out 11 hop limit 64 queue 0 data 0xdeadbeef, " +
      "+40 µs porthos id 2 in 21 out 22 hop limit 63 transit 4.1 µs queue 1500, +9 µs aramis id 3 in 31 hop limit 62",
  );
  expect(shortPacketLine(pathOf(crossing(40, 9, { protocol: 6, segments: 44 })), plainStyle)).toBe(
    "06:00:33.000000 tcp    db01::1 > db02::2 [44 segments]  athos +40 µs porthos +9 µs aramis",
  );
});

test("time that runs backwards is shown and flagged", () =>
  expect(line(crossing(40, -9))).toContain("-9 µs (!) aramis"));

const records = [5, 6, 7, 8, 60].map((delay, index) =>
  crossing(delay, 4, { at: index * 1000, protocol: index % 2 ? 6 : 58 }),
);
const statistics = statisticsOf(records);
const history = new DelayHistory(10);
history.sample(statistics.links);

const state: LiveState = {
  title: "hopmark demo",
  note: "ICMPv6 echo and a TCP download",
  transit: "kernel",
  elapsedMs: 2345,
  statistics,
  loss: { sent: 6, received: 5, lost: 1, edgeToEdge: null, exports: null, reasons: { "encap.tooBig": 2 } },
  history,
  names,
  recent: records.toReversed().map(pathOf),
  by: "link",
};

describe("the screen", () => {
  test("with room for everything", () => {
    expect(renderScreen(state, { width: 80, height: 40 }, plainStyle).join("\n")).toMatchSnapshot();
  });

  test("narrow, the path is a line", () => {
    const lines = renderScreen(state, { width: 50, height: 40 }, plainStyle);
    expect(lines).toContain("  athos ─ 7 µs ─▶ porthos ─ 4 µs ─▶ aramis");
  });

  test.each([
    [200, 60],
    [80, 24],
    [60, 10],
    [30, 5],
    [10, 1],
  ])("fits into %i by %i", (width, height) => {
    for (const style of [plainStyle, ansiStyle]) {
      const lines = renderScreen(state, { width, height }, style);
      expect(lines.length).toBeLessThanOrEqual(height);
      expect(lines.filter((text) => visibleWidth(text) > width)).toEqual([]);
    }
  });

  test("before the first packet", () => {
    const empty = { ...state, statistics: statisticsOf([]), recent: [] };
    expect(renderScreen(empty, { width: 80, height: 24 }, plainStyle).join("\n")).toContain(
      "no packet with a trace yet",
    );
  });

  test("loss and clocks that disagree are seen", () => {
    const text = renderScreen(
      { ...state, statistics: statisticsOf([crossing(-7, 4)]) },
      { width: 200, height: 40 },
      plainStyle,
    ).join("\n");
    expect(text).toContain("lost 1 (16.67 %)");
    expect(text).toContain("encap.tooBig 2");
    expect(text).toContain("1 arrived before they left, by up to 7 µs: the clocks disagree");
  });
});

test("the summary", () => {
  const context = { seconds: 2.345, transit: "kernel", names, clock: null, sharedClock: true };
  const summary = summarise(statistics, state.loss, context);
  expect(summaryText(summary, plainStyle)).toBe(`2.3 s, transit by kernel: sent 6 · received 5 · lost 1 (16.67 %)
  athos ▶ porthos   5 packets  p50 7 µs  p90 60 µs  p99 60 µs
  porthos ▶ aramis  5 packets  p50 4 µs  p90 4 µs   p99 4 µs
  encap.tooBig 2`);
});

describe("tables by what they have a row for", () => {
  const moved = statisticsOf([
    ...[0, 1, 2].map((at) => crossing(5, 4, { at: at * 10, protocol: 6 })),
    ...[3, 4].map((at) => crossing(50, 4, { at: at * 10, protocol: 6, by: "milady" })),
    crossing(5, -4, { protocol: 58 }),
  ]);
  const context = { seconds: 1, transit: null, names, clock: null, sharedClock: false };
  const textBy = (by: "flow" | "path" | "link" | undefined): string =>
    summaryText(summarise(moved, { ...state.loss, reasons: {} }, context), plainStyle, by);

  test("paths and moves", () => {
    expect(textBy("path")).toBe(`1.0 s: sent 6 · received 5 · lost 1 (16.67 %)
  path                                    packets    p50    p90    p99
  0  athos ▶ porthos ▶ aramis  out 11 22        4   9 µs   9 µs   9 µs  1 run backwards: the clocks disagree
  1  athos ▶ milady ▶ aramis  out 12 42         2  54 µs  54 µs  54 µs
  00:53:20.000000 1 flow moved from path 0 (athos ▶ porthos ▶ aramis) to path 1 (athos ▶ milady ▶ aramis)
  trace.negativeDelay 1  trace.moves 1
  delays are differences of clocks: of this machine's clock nothing is known; the error of the others is unknown`);
  });

  test("flows", () => {
    expect(textBy("flow").split("\n").slice(1, 4).join("\n")).toBe(
      `  flow                       path  packets   min   mean    max
  tcp db01::1 0 > db02::2 0     1        5  9 µs  27 µs  54 µs  moved 1 time
  icmpv6 db01::1 > db02::2      0        1  1 µs   1 µs   1 µs`,
    );
  });

  test("links with their nodes; by default links and, where there are several, paths", () => {
    expect(textBy("link")).toContain("athos ▶ milady    2 packets");
    expect(textBy("link")).toContain("transit p50");
    expect(textBy(undefined)).toContain("1  athos ▶ milady ▶ aramis");
    expect(textBy(undefined)).not.toContain("transit p50");
  });

  test.each(["flow", "path", "link"] as const)("the screen by %s", (by) => {
    const lines = renderScreen({ ...state, statistics: moved, by }, { width: 120, height: 50 }, plainStyle).join("\n");
    expect(lines).toContain("1 flow moved from path 0");
    expect(lines).toContain({ flow: "moved 1 time", path: "1  athos ▶ milady ▶ aramis", link: "athos ▶ milady" }[by]);
  });

  test("what is known of the clocks", () => {
    const discipline = { synchronised: true, estimatedErrorNs: 12_000, maximumErrorNs: 400_000 };
    const clock = { taiOffsetNs: 0n, measuredNs: 0n, discipline, steppedNs: 0 };
    const linesOf = (one: typeof clock, sharedClock: boolean): string =>
      clockLines(summarise(moved, state.loss, { ...context, clock: one, sharedClock }).clock, plainStyle).join("\n");
    expect(linesOf(clock, true)).toBe("");
    expect(linesOf(clock, false)).toContain("this machine's clock is within 12 µs, at most 400 µs");
    const unkept = { ...clock, discipline: { ...discipline, synchronised: false }, steppedNs: 3e9 };
    expect(linesOf(unkept, true)).toBe(
      "the wall clock jumped by 3 s: delays of packets under way then are wrong by it",
    );
    expect(linesOf(unkept, false)).toContain("nothing keeps this machine's clock");
  });
});
