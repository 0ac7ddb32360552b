import { describe, expect, test } from "vitest";
import { encodeIoamTrace } from "../../wire/ioam/encode.ts";
import type { IoamHop } from "../../wire/ioam/trace.ts";
import { recordOf } from "./fixtures/records.ts";
import { TraceStatistics } from "./statistics.ts";

const BASE_US = 1_763_704_833_000_000;
const at = (microseconds: number): string => `${BASE_US + microseconds}000`;

const hops = (...times: (number | null)[]): IoamHop[] =>
  times.map((time, index) => ({
    nodeId: index + 1,
    ingressId: index === 0 ? null : index * 10 + 1,
    egressId: index * 10 + 2,
    hopLimit: 64 - index,
    timestampNs: time === null ? null : at(time),
    transitDelayNs: index === 1 ? 4000 : null,
    queueDepth: index === 2 ? null : 1500 * index,
  }));

const trace = (list: readonly IoamHop[], namespaceId = 123, traceType = 0xfa0000): Uint8Array =>
  encodeIoamTrace({ namespaceId, traceType, size: 24 * 3, hops: list });

const counted = (...traces: Uint8Array[]): TraceStatistics => {
  const statistics = new TraceStatistics();
  for (const bytes of traces) statistics.add(recordOf(bytes, { segments: 2 }), 0);
  return statistics;
};

test("traces with flags that nobody acts on are counted, and are in their paths", () => {
  const flagged = (loopback: boolean, active: boolean): Uint8Array =>
    encodeIoamTrace({
      namespaceId: 123,
      traceType: 0xfa0000,
      flags: { overflow: false, loopback, active },
      size: 24 * 3,
      hops: hops(0, 1, 2),
    });
  const statistics = counted(flagged(false, false), flagged(true, false), flagged(true, true));
  expect(statistics).toMatchObject({ loopback: 2, active: 1, overflowed: 0 });
  expect(statistics.paths).toMatchObject([{ packets: 3 }]);
});

test("packets of one way share a path, its links and its nodes", () => {
  const statistics = counted(...[5, 7, 9].map((delay) => trace(hops(0, delay, delay + 20))));
  expect(statistics.paths).toHaveLength(1);
  const [path] = statistics.paths;
  expect(path).toMatchObject({ namespaceId: 123, packets: 3, segments: 6, backwards: 0 });
  expect(path?.hops).toEqual([
    { nodeId: "1", ingressId: null, egressId: 2 },
    { nodeId: "2", ingressId: 11, egressId: 12 },
    { nodeId: "3", ingressId: 21, egressId: 22 },
  ]);
  expect(path?.delaysUs).toMatchObject({ min: 25, max: 29 });
  expect(statistics.links.map(({ from, to }) => [from.nodeId, to.nodeId])).toEqual([["1", "2"], ["2", "3"]]); // prettier-ignore
  expect(statistics.links.map(({ delaysUs }) => delaysUs.quantile(0.5))).toEqual([7, 20]);
  expect(statistics.nodes.map((node) => [node.nodeId, node.packets])).toEqual([["1", 3], ["2", 3], ["3", 3]]); // prettier-ignore
  expect(statistics.nodes[1]?.transitDelaysNs).toMatchObject({ count: 3, min: 4000 });
  expect(statistics.nodes.map(({ queueDepths }) => queueDepths.count)).toEqual([3, 3, 0]);
});

test("another interface or namespace is another path, another interface another link", () => {
  const aside = hops(0, 1, 2).map((hop, index) => (index === 2 ? { ...hop, ingressId: 99 } : hop));
  const statistics = counted(trace(hops(0, 1, 2)), trace(aside), trace(hops(0, 1, 2), 124), trace(hops(0, 1)));
  expect(statistics.paths.map(({ packets }) => packets)).toEqual([1, 1, 1, 1]);
  expect(statistics.links).toHaveLength(3);
  expect(statistics.nodes).toHaveLength(3);
  expect(statistics.links.map(({ packets }) => packets)).toEqual([4, 2, 1]);
});

describe("clocks", () => {
  test("a negative delay is counted and flagged, and not taken for a delay", () => {
    const statistics = counted(trace(hops(0, 10, 7)), trace(hops(0, 10, 20)));
    expect(statistics.paths[0]).toMatchObject({ packets: 2, backwards: 1 });
    expect(statistics.links[1]).toMatchObject({ packets: 2, negative: 1, worstNegativeUs: -3 });
    expect(statistics.links[1]?.delaysUs).toMatchObject({ count: 1, min: 10 });
  });

  test("a node without a timestamp makes the links around it unknown", () => {
    const statistics = counted(trace(hops(0, null, 7)));
    expect(statistics.links.map(({ unknown, delaysUs }) => [unknown, delaysUs.count])).toEqual([[1, 0], [1, 0]]); // prettier-ignore
    expect(statistics.paths[0]?.delaysUs).toMatchObject({ count: 1, min: 7 });
  });

  test("across a second", () => {
    const statistics = counted(trace(hops(999_999, 1_000_001)));
    expect(statistics.links[0]?.delaysUs).toMatchObject({ count: 1, max: 2 });
  });
});

test("56-bit node ids are told apart in all their bits", () => {
  const wide = (nodeIdWide: string | null): Uint8Array =>
    encodeIoamTrace({ namespaceId: 1, traceType: 0x008000, hops: [{ nodeIdWide, hopLimit: 64 }] });
  const statistics = counted(wide("72057594037927000"), wide("72057594037927001"), wide("4294967295"), wide(null));
  expect(statistics.nodes.map(({ nodeId }) => nodeId)).toEqual([
    "72057594037927000",
    "72057594037927001",
    "4294967295",
    null,
  ]);
});

test("transit delays past 2^31-1 ns are flagged", () => {
  const late = hops(0, 1, 2).map((hop, index) => (index === 1 ? { ...hop, transitDelayNs: 2 ** 31 } : hop));
  expect(counted(trace(late)).nodes[1]).toMatchObject({ transitOverflows: 1 });
});

test("what cannot be read, and paths past the limit, are counted", () => {
  const statistics = new TraceStatistics(1);
  const wrong = trace(hops(0, 1, 2));
  wrong[2] = 0;
  for (const bytes of [trace(hops(0, 1)), trace(hops(0, 1, 2)), wrong]) statistics.add(recordOf(bytes), 0);
  expect(statistics).toMatchObject({ packets: 3, malformed: 1, pathsBeyondLimit: 1 });
  expect(statistics.paths).toHaveLength(1);
});

test("a full trace is flagged", () => {
  const bytes = encodeIoamTrace({
    namespaceId: 1,
    traceType: 0x800000,
    hops: [{ nodeId: 1 }],
    flags: { overflow: true },
  });
  expect(counted(bytes).overflowed).toBe(1);
});

test("records are read where they lie", () => {
  const ring = new Uint8Array(1000);
  ring.set(recordOf(trace(hops(0, 5, 9))), 504);
  const statistics = new TraceStatistics();
  statistics.add(ring, 504);
  ring.fill(0xff);
  expect(statistics.paths[0]?.hops.map(({ nodeId }) => nodeId)).toEqual(["1", "2", "3"]);
});
