/** Reports become records like those of a sink: all that follows traces follows them, and recordings keep them. */
import { expect, test } from "vitest";
import { ExportStage, TraceRecord } from "../../../mark/ioam/record.ts";
import { tsharkComplaints } from "../../../../tests/golden/tools.ts";
import { pathObject, type PathObject } from "../path-object.ts";
import { packetBytes, writePacket } from "../recording/packet-of-record.ts";
import { RecordsOfPacket } from "../recording/records-of-packet.ts";
import { ExportJoiner } from "./export-joiner.ts";
import { exportRecord, type GivenReport } from "./fixtures/reports.ts";
import { JoinedRecords, type JoinCounts } from "./joined-records.ts";

const [ATHOS, PORTHOS, ARAMIS] = [0, 1, 2];
const END = 3;
const NO_NEXT_HEADER = 59;
const at = (node: number, stage: number, more: Partial<GivenReport> = {}): readonly [number, GivenReport] => [
  node,
  { hop: { nodeId: node + 1, hopLimit: 64 - node, timestampNs: `500000000000${node}000` }, stage, ...more },
];
/** Packet number `sequence` as all nodes report it. */
const whole = (sequence: number): (readonly [number, GivenReport])[] => [
  at(ATHOS!, ExportStage.Left, { sequence }),
  at(PORTHOS!, ExportStage.Arrived, { sequence }),
  at(PORTHOS!, ExportStage.Left, { sequence }),
  at(ARAMIS!, ExportStage.Arrived, { sequence }),
];

/** Athos inserts flow 7. */
const join = (
  reports: readonly (readonly [number, GivenReport])[],
  startMs = -1000,
): { paths: PathObject[]; records: Uint8Array[]; counts: JoinCounts } => {
  const records: Uint8Array[] = [];
  const joined = new JoinedRecords({
    // Packets end at the third node.
    isEnd: (source, ifindex) => source === ARAMIS && ifindex === END,
    inserters: (flowId) => (flowId === 7 ? new Set([ATHOS!]) : undefined),
    onRecord: (view, offset, length) =>
      records.push(new Uint8Array(view.buffer, view.byteOffset + offset, length).slice()),
  });
  const joiner = new ExportJoiner({ onPacket: (packet) => joined.take(packet, packet.sinceMs - startMs < 100) });
  for (const [node, report] of reports) joiner.take(exportRecord(report), 0, node, 0);
  joiner.flush();
  const { counts } = joined;
  return { paths: records.map((record) => pathObject(record, 0, new Map())), records, counts };
};
const nodes = (path: PathObject): unknown[] => path.hops.map(({ nodeId }) => nodeId);

test("a packet that all nodes reported is a path, as a trace would tell it", () => {
  const { paths, counts } = join(whole(9));
  expect(paths).toMatchObject([
    {
      namespaceId: 123,
      traceType: "0xfa0000",
      source: "db01::1",
      destination: "db02::2",
      protocol: "udp",
      directExport: { flowId: 7, sequence: 9 },
      segments: 1,
      flags: { overflow: false },
      hops: [{ nodeId: 1 }, { nodeId: 2 }, { nodeId: 3 }],
    },
  ]);
  expect(paths[0]).not.toHaveProperty("edgeToEdge");
  expect(counts).toMatchObject({ joined: 1, incomplete: 0, notArrived: 0 });
});

test("once a flow was reported from beginning to end, what is missing is missing and no other path", () => {
  const reports = [
    // Nobody knows yet that porthos reports.
    ...whole(0).filter(([node]) => node !== PORTHOS),
    ...whole(1),
    ...whole(2).filter(([node]) => node !== PORTHOS),
    ...whole(3).filter(([node]) => node !== ARAMIS),
    ...whole(4).filter(([node]) => node !== ATHOS),
    // Of another flow.
    ...whole(5)
      .slice(1, 3)
      .map(([node, report]) => [node, { ...report, flowId: 8 }] as const),
  ];
  const { paths, counts } = join(reports);
  expect(paths.map(nodes)).toEqual([[1, 3], [1, 2, 3], [2]]); // prettier-ignore
  expect(counts).toEqual({ joined: 3, incomplete: 2, notArrived: 1, inPieces: 0, duplicated: 0, beyondRoom: 0 });
});

test("what was on its way when reading began is left out, unless all of it came", () => {
  const { paths, counts } = join([...whole(1).slice(2), ...whole(2)], -50);
  expect(paths.map(nodes)).toEqual([[1, 2, 3]]);
  expect(counts).toMatchObject({ joined: 1, incomplete: 0 });
});

test("pieces share a number: one path, all packets of the wire; and a packet that came twice", () => {
  const cut = (stage: number, node: number): (readonly [number, GivenReport])[] =>
    [0, 1, 2].map(() => at(node, stage, { sequence: 1 }));
  const { paths, counts } = join([
    at(ATHOS!, ExportStage.Left, { sequence: 1, segments: 3 }),
    ...cut(ExportStage.Arrived, PORTHOS!),
    ...cut(ExportStage.Left, PORTHOS!),
    ...cut(ExportStage.Arrived, ARAMIS!),
    ...whole(2),
    at(ARAMIS!, ExportStage.Arrived, { sequence: 2 }),
  ]);
  expect(paths.map(({ segments }) => segments)).toEqual([3, 2]);
  expect(counts).toMatchObject({ joined: 2, inPieces: 1, duplicated: 1 });
});

test("a schema that one of the nodes has, or left out", () => {
  const opaqueState = { schemaId: 5, length: 1, data: "0x01020304" };
  const { paths } = join([
    [ATHOS!, { hop: { nodeId: 1, hopLimit: 64, opaqueState }, traceType: 0x800002, stage: ExportStage.Left }],
    [ARAMIS!, { hop: { nodeId: 3, hopLimit: 63 }, traceType: 0x800000 }],
  ]);
  expect(paths).toMatchObject([
    {
      traceType: "0x800002",
      hops: [
        { nodeId: 1, opaqueState },
        { nodeId: 3, opaqueState: { length: 0 } },
      ],
    },
  ]);
  expect(paths[0]).not.toHaveProperty("malformed");
});

test("more nodes than a record has room for: the last are left out, as by nodes that find no room", () => {
  const { paths, counts } = join(Array.from({ length: 12 }, (_, node) => at(node, ExportStage.Left, { sequence: 1 })));
  expect(paths).toMatchObject([{ flags: { overflow: true } }]);
  // 24 bytes each.
  expect(paths[0]!.hops.length).toBe(10);
  expect(counts).toMatchObject({ joined: 1, beyondRoom: 1 });
});

test("a recording keeps it as a packet that asks for reports and has the trace that they make", () => {
  const all = whole(0xfedc_ba98).map(([node, report]) => [node, { ...report, protocol: NO_NEXT_HEADER }] as const);
  const [record] = join(all).records;
  const packet = new Uint8Array(packetBytes(record!, 0));
  writePacket(record!, 0, packet.length, packet, 0);
  const read: Uint8Array[] = [];
  const captured = {
    bytes: packet,
    offset: 0,
    captured: packet.length,
    original: packet.length,
    timeHigh: 0,
    timeLow: 0,
    interface: { linkType: 229, unitsPerSecond: 1_000_000_000n, timeOffset: 0n },
  };
  const remarks = { segments: 1, outcome: 0, ifindex: END, linkHeaderBytes: 0 };
  new RecordsOfPacket().visit(captured as never, remarks, (view) =>
    read.push(new Uint8Array(view.buffer, 0, TraceRecord.size).slice()),
  );
  const [one, other] = [read[0]!, record!].map((bytes) => pathObject(bytes, 0, new Map()));
  expect(one).toEqual(other);
  expect(one).toMatchObject({ directExport: { flowId: 7, sequence: 0xfedc_ba98 } });
  const ethernet = new Uint8Array(14 + packet.length);
  ethernet.set([0x86, 0xdd], 12);
  ethernet.set(packet, 14);
  expect(tsharkComplaints([ethernet])).toEqual([""]);
});
