/** Reports of many nodes, in any order, become one way a packet, in memory that does not grow. */
import { expect, test } from "vitest";
import { ExportRecord, ExportStage } from "../../../mark/ioam/record.ts";
import type { IoamHop } from "../../../wire/ioam/trace.ts";
import { ExportJoiner, type JoinerOptions } from "./export-joiner.ts";
import { exportRecord, type GivenReport } from "./fixtures/reports.ts";
import { exportReport } from "./report.ts";

interface Joined {
  readonly hops: IoamHop[];
  readonly repeats: number;
  readonly expired: boolean;
  readonly segments: [arrived: number, left: number][];
}

const joinerOf = (options: Partial<JoinerOptions> = {}): { joiner: ExportJoiner; joined: Joined[] } => {
  const joined: Joined[] = [];
  const joiner = new ExportJoiner({
    ...options,
    onPacket: (packet) => {
      const hops = Array.from({ length: packet.hops }, (_, hop) => hop);
      joined.push({
        hops: hops.map((hop) => exportReport(packet.bytes, packet.offset(hop))!.hop),
        repeats: packet.repeats,
        expired: packet.expired,
        segments: hops.map((hop) => [packet.facts(hop).arrivedSegments, packet.facts(hop).leftSegments]),
      });
    },
  });
  return { joiner, joined };
};

const join = (given: readonly (readonly [node: number, report: GivenReport])[]): Joined[] => {
  const { joiner, joined } = joinerOf();
  // Records of a ring start anywhere.
  for (const [node, report] of given) {
    const bytes = new Uint8Array(8 + ExportRecord.size);
    bytes.set(exportRecord(report), 8);
    joiner.take(bytes, 8, node, 0);
  }
  joiner.flush();
  return joined;
};

const came: GivenReport = {
  hop: { nodeId: 2, hopLimit: 63, ingressId: 21, timestampNs: "5000000100000" },
  timestampNs: 5_000_000_100_000n,
};
const went: GivenReport = {
  hop: { nodeId: 2, hopLimit: 63, egressId: 22, timestampNs: "5000000104000", queueDepth: 9 },
  stage: ExportStage.Left,
  timestampNs: 5_000_000_104_321n,
};
const inserted: GivenReport = {
  hop: { nodeId: 1, hopLimit: 64, egressId: 11, timestampNs: "5000000000000", queueDepth: 0 },
  stage: ExportStage.Left,
  timestampNs: 5_000_000_000_000n,
};
const ended: GivenReport = { hop: { nodeId: 3, hopLimit: 62, ingressId: 31, timestampNs: "4000000000000" } };

test("what a node knew when a packet came and when it left is one hop, and hops are in the order of the way", () => {
  const all = [
    [1, inserted],
    [2, came],
    [2, went],
    [3, ended],
  ] as const;
  const [ways] = [join(all), join([...all].toReversed())];
  expect(ways).toEqual(join([...all].toReversed()));
  expect(ways).toMatchObject([
    {
      hops: [
        { nodeId: 1, ingressId: null, egressId: 11, queueDepth: 0, transitDelayNs: null },
        {
          nodeId: 2,
          ingressId: 21,
          egressId: 22,
          queueDepth: 9,
          transitDelayNs: 4321,
          timestampNs: "5000000100000",
        },
        { nodeId: 3, ingressId: 31, egressId: null, transitDelayNs: null },
      ],
      repeats: 0,
      segments: [
        [0, 1],
        [1, 1],
        [1, 0],
      ],
    },
  ]);
});

test("a clock that was set back between the two tells no delay", () => {
  expect(join([[2, { ...came, timestampNs: went.timestampNs! + 1n }], [2, went]])).toMatchObject([
    { hops: [{ egressId: 22, transitDelayNs: null }] },
  ]); // prettier-ignore
});

test("pieces of a packet share its number: their reports are repeats, their packets of the wire are counted", () => {
  const whole = { ...inserted, segments: 3 };
  expect(
    join([
      [1, whole],
      [2, came],
      [2, came],
      [2, went],
      [2, came],
      [2, went],
    ]),
  ).toMatchObject([
    {
      repeats: 3,
      segments: [
        [0, 3],
        [3, 2],
      ],
    },
  ]);
});

test("other flows, namespaces, types, addresses and sequence numbers are other packets", () => {
  const others: Partial<GivenReport>[] = [
    {},
    { sequence: 2 },
    { flowId: 8 },
    { namespaceId: 7 },
    { source: "db01::9" },
    { traceType: 0xf80000 },
    { sequence: null },
    { sequence: null },
  ];
  expect(join(others.map((other, node) => [node, { ...ended, ...other }])).length).toBe(others.length);
});

test("a packet waits for its reports for a time, not longer", () => {
  const { joiner, joined } = joinerOf({ holdMs: 100 });
  joiner.take(exportRecord(came), 0, 2, 0);
  joiner.take(exportRecord({ ...came, sequence: 2 }), 0, 2, 60);
  joiner.settle(99);
  expect([joined.length, joiner.waiting]).toEqual([0, 2]);
  joiner.take(exportRecord(ended), 0, 3, 99);
  joiner.settle(100);
  expect(joined).toMatchObject([{ hops: [{ nodeId: 2 }, { nodeId: 3 }], expired: false }]);
  // Too late: nobody knows of it any more.
  joiner.take(exportRecord(inserted), 0, 1, 101);
  joiner.settle(300);
  expect(joined.slice(1)).toMatchObject([{ hops: [{ nodeId: 2 }] }, { hops: [{ nodeId: 1 }] }]);
  expect([joiner.waiting, joiner.expired]).toEqual([0, 0]);
});

test("in full memory the oldest packets make room, and are counted", () => {
  const { joiner, joined } = joinerOf({ capacity: 4 });
  for (let sequence = 0; sequence < 10; sequence++) {
    joiner.take(exportRecord({ ...came, sequence }), 0, 2, sequence);
    joiner.take(exportRecord({ ...ended, sequence }), 0, 3, sequence);
  }
  expect(joiner.waiting).toBe(2);
  joiner.flush();
  expect(joined.map(({ hops, expired }) => [hops.length, expired])).toEqual(
    Array.from({ length: 10 }, (_, sequence) => [2, sequence < 8]),
  );
  expect(joiner.expired).toBe(8);
  // One packet alone can have more hops than there is room.
  for (let node = 0; node < 6; node++)
    joiner.take(exportRecord({ hop: { nodeId: node, hopLimit: 60 - node }, sequence: 99 }), 0, node, 20);
  joiner.flush();
  expect(joined.slice(10).map(({ hops }) => hops.length)).toEqual([4, 2]);
});

test("a report without an entry says nothing", () => {
  const { joiner, joined } = joinerOf();
  joiner.take(new Uint8Array(ExportRecord.size), 0, 1, 0);
  joiner.flush();
  expect([joined, joiner.empty]).toEqual([[], 1]);
  expect(exportReport(new Uint8Array(ExportRecord.size).fill(0xff), 0)).toBeNull();
});
