/** Direct Export: the packet keeps its size, each node's entry comes out of its ring, and the sink takes the option off. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Twin } from "../../../../tests/support/twin.ts";
import { exportReport, type ExportReport } from "../../../follow/trace/exports/report.ts";
import { ExportJoiner } from "../../../follow/trace/exports/export-joiner.ts";
import { toHex } from "../../../wire/hex.ts";
import { traceTypeBit } from "../../../wire/ioam/fields.ts";
import { exportOption, frame, HOP_BY_HOP_AT, hopByHop, padding } from "../conformance/frames.ts";
import { exportCases, severalOptions } from "../conformance/cases.ts";
import { ExportCounter, exportCounterNames, exportCounters, exportRing, exportWanted } from "./counters.ts";
import { exportEgress, exportIngress } from "./dex.bpf.ts";
import type { IoamNode } from "../node.ts";
import { sink } from "../sink/sink.bpf.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { clock, device, MICROSECONDS, namespaces, node, schema, SECONDS, TAI_OFFSET } from "../test-support/nodes.ts";

const twinOf = (program: ConstructorParameters<typeof Twin>[0]): Twin => {
  const twin = new Twin(program);
  onTestFinished(() => twin.close());
  return ready(twin);
};

/** Somebody reads. */
const ready = (twin: Twin): Twin => {
  twin.setVariable(taiOffset, TAI_OFFSET);
  twin.setVariable(exportWanted, clock.taiNs + 1000n);
  return twin;
};

/** What both reported, which must be the same. */
const reports = (twin: Twin): ExportReport[] => {
  const { kernel, v8 } = twin.records(exportRing);
  const found = kernel.map((record) => exportReport(record, 0));
  expect(found).toEqual(v8.map((record) => exportReport(record, 0)));
  return found.map((report) => report!);
};

const asking = (...input: Parameters<typeof exportOption>): Uint8Array =>
  frame({ hopByHop: hopByHop([padding(2), exportOption(...input)]), payload: new Uint8Array(8) });

let transit: Twin;
let out: Twin;
beforeAll(() => {
  transit = ready(new Twin(exportIngress({ node, device })));
  out = ready(new Twin(exportEgress({ node, device })));
});
afterAll(() => {
  transit.close();
  out.close();
});

describe("what a node reports", () => {
  test("every field that it knows when the packet comes, and the packet stays as it was", () => {
    const given = asking({ traceType: 0xffffff, namespaceId: 7, extensionFlags: 0xc0, extensions: [0xdeadbeef, 9] });
    expect(toHex(transit.run(given, { environment: clock }).packet)).toBe(toHex(given));
    const [report] = reports(transit);
    expect(report).toMatchObject({
      timestampNs: BigInt(SECONDS) * 1_000_000_000n + 123_456_789n,
      source: "db01::1",
      destination: "db02::2",
      namespaceId: 7,
      // The checksum complement is for data in packets, and some bits stand for nothing.
      traceType: 0xfff002 & ~traceTypeBit(7),
      flowId: 0xdeadbeef,
      sequence: 9,
    });
    expect(report!.hop).toMatchObject({
      nodeId: node.id,
      ingressId: device.id,
      egressId: null,
      hopLimit: 63,
      timestampNs: `${SECONDS}${String(MICROSECONDS).padStart(6, "0")}000`,
      transitDelayNs: null,
      namespaceData: "0x01020304",
      queueDepth: null,
      nodeIdWide: String(node.idWide),
      ingressIdWide: device.idWide,
      namespaceDataWide: "0x05060708090a0b0c",
      bufferOccupancy: null,
      opaqueState: { schemaId: schema.id, length: 3 },
    });
    expect(report!.hop).not.toHaveProperty("checksumComplement");
  });

  test.each([
    [{}, undefined, undefined],
    [{ extensionFlags: 0x80, extensions: [5] }, 5, undefined],
    [{ extensionFlags: 0x40, extensions: [6] }, undefined, 6],
    [{ extensionFlags: 0xe0, extensions: [5, 6, 7] }, 5, 6],
  ])("%j", (input, flowId, sequence) => {
    transit.run(asking(input), { environment: clock });
    expect(reports(transit)).toMatchObject([{ flowId, sequence }]);
  });

  test("a schema that does not fit behind all fields is left out", () => {
    const long = { ...namespaces.plain, schema: { id: 5, words: Array.from({ length: 60 }, () => 1) } };
    const own = twinOf(exportIngress({ node: { ...node, namespaces: [long] }, device }));
    own.run(asking({ traceType: 0x800002 }), { environment: clock });
    expect(reports(own)).toMatchObject([{ traceType: 0x800000, hop: { nodeId: node.id } }]);
  });

  test("of every case: those that are known, and no packet changes", () => {
    for (const { name, hopByHop: header, known } of [...exportCases, ...severalOptions]) {
      const given = frame({ hopByHop: header, payload: new Uint8Array(8) });
      const { verdict, packet } = transit.run(given, { environment: clock });
      expect({ name, verdict, packet: toHex(packet) }).toEqual({ name, verdict: -1, packet: toHex(given) });
      expect({ name, reports: reports(transit).length }).toEqual({ name, reports: known === true ? 1 : 0 });
    }
    expect(transit.counts(exportCounters, exportCounterNames)).toMatchObject({ namespaceUnknown: 2, malformed: 2 });
  });

  test("a full ring is counted", () => {
    const given = asking();
    const before = transit.counts(exportCounters, exportCounterNames)["exported"] ?? 0;
    let runs = 0;
    const ringFull = (): bigint => transit.kernel.map(exportCounters).sum(ExportCounter.ringFull)!.value;
    for (; runs < 4000 && ringFull() === 0n; runs++) transit.runBoth(given, { environment: clock });
    expect(transit.counts(exportCounters, exportCounterNames)).toMatchObject({
      exported: before + runs - 1,
      ringFull: 1,
    });
    transit.records(exportRing);
  });
});

describe("on its way out", () => {
  const passing = { environment: clock, context: { ingressIfindex: 5 } };

  test("what only leaving tells, and the hop limit as it is sent", () => {
    const given = asking({ traceType: 0xffffff, namespaceId: 7, extensionFlags: 0xc0, extensions: [1, 2] });
    expect(toHex(out.run(given, passing).packet)).toBe(toHex(given));
    expect(reports(out)).toMatchObject([
      {
        hop: {
          nodeId: node.id,
          ingressId: null,
          egressId: device.id,
          hopLimit: 64,
          queueDepth: clock.egressBacklog,
          transitDelayNs: null,
          egressIdWide: device.idWide,
        },
      },
    ]);
  });

  test("without a number it is reported where it comes in alone, or where it was made", () => {
    const given = asking({ extensionFlags: 0x80, extensions: [1] });
    out.run(given, passing);
    expect(reports(out)).toEqual([]);
    out.run(given, { environment: clock });
    expect(reports(out).length).toBe(1);
  });
});

test("nobody reads: nothing is copied, and all is counted", () => {
  const own = twinOf(exportIngress({ node, device }));
  for (const wanted of [0n, clock.taiNs, clock.taiNs + 1n]) {
    own.setVariable(exportWanted, wanted);
    own.run(asking(), { environment: clock, context: { gsoSegments: 3, gsoSize: 100 } });
  }
  expect(reports(own)).toMatchObject([{ segments: 3 }]);
  expect(own.counts(exportCounters, exportCounterNames)).toEqual({ exported: 1, idle: 2, received: 3, segments: 9 });
});

test.each([
  ["udp", 17, 0, 8],
  ["tcp", 6, 5, 20],
  ["udp in a tunnel", 41, 0, 48],
])(
  "pieces to be cut are counted by their length where the kernel has not counted them: %s",
  (_, next, offset, header) => {
    const inner = next === 41 ? frame({ payload: new Uint8Array(8 + 250), protocol: 17 }).slice(14) : null;
    const payload = inner ?? new Uint8Array(header + 250);
    if (next === 6) payload[12] = offset << 4;
    const given = frame({ hopByHop: hopByHop([padding(2), exportOption()], next), payload });
    // Of 250 bytes.
    out.run(given, { environment: clock, context: { gsoSegments: 0, gsoSize: 100 } });
    expect(reports(out)).toMatchObject([{ segments: 3 }]);
  },
);

test("whose packet it is: what is in a tunnel, with its ports", () => {
  const udp = Uint8Array.of(0, 9, 0, 10, 0, 8, 0, 0);
  const inner = frame({ source: "db0a::1", destination: "db0a::2", payload: udp, protocol: 17 }).slice(14);
  transit.run(frame({ hopByHop: hopByHop([padding(2), exportOption()], 41), payload: inner }), { environment: clock });
  expect(reports(transit)).toMatchObject([{ source: "db0a::1", destination: "db0a::2", protocol: "udp" }]);
});

test("two nodes and the sink: reports of each packet are joined, and the packet loses what asked for them", () => {
  const other = (id: number): IoamNode => ({ ...node, id });
  const nodes = [exportIngress, exportEgress].map((make) => twinOf(make({ node: other(2), device })));
  const aramis = twinOf(exportIngress({ node: other(3), device }));
  const end = twinOf(sink({ node: other(3), device }));
  const plain = frame({ payload: new Uint8Array(20) });
  const records: [Uint8Array, number][] = [];
  const take = (twin: Twin, source: number): void => {
    for (const record of twin.records(exportRing).kernel) records.unshift([record, source]);
  };
  for (let packet = 0; packet < 3; packet++) {
    const option = exportOption({ traceType: 0xc80000, extensionFlags: 0xc0, extensions: [7, packet] });
    const left = frame({ hopByHop: hopByHop([padding(2), option]), payload: new Uint8Array(20) });
    const passed = nodes[0]!.run(left, { environment: clock }).packet;
    expect(toHex(passed)).toBe(toHex(left));
    passed[21]! -= 1;
    nodes[1]!.run(passed, { environment: { ...clock, taiNs: clock.taiNs + 5n }, context: { ingressIfindex: 5 } });
    const delivered = end.run(aramis.run(passed, { environment: clock }).packet, { environment: clock }).packet;
    expect(toHex(delivered, HOP_BY_HOP_AT)).toBe(toHex(plain, HOP_BY_HOP_AT));
    expect(delivered.length).toBe(plain.length);
    // Out of order, as from two machines.
    for (const twin of nodes) take(twin, 2);
    take(aramis, 3);
  }
  const found: (readonly ExportReport[])[] = [];
  const joiner = new ExportJoiner({
    onPacket: (joined) =>
      found.push(Array.from({ length: joined.hops }, (_, hop) => exportReport(joined.bytes, joined.offset(hop))!)),
  });
  for (const [record, source] of records) joiner.take(record, 0, source, 0);
  joiner.flush();
  const hops = [
    { nodeId: 2, ingressId: device.id, egressId: device.id, transitDelayNs: 5, hopLimit: 63 },
    { nodeId: 3, ingressId: device.id, egressId: null, transitDelayNs: null, hopLimit: 62 },
  ];
  expect(found).toMatchObject([2, 1, 0].map((sequence) => hops.map((hop) => ({ flowId: 7, sequence, hop }))));
});

test("costs the verifier little", () => {
  const many = { ...node, namespaces: Array.from({ length: 8 }, (_, id) => ({ ...namespaces.withSchema, id })) };
  for (const make of [exportIngress, exportEgress]) {
    const own = twinOf(make({ node: many, device }));
    expect(own.kernel.info().verifiedInstructions).toBeLessThan(20_000);
  }
});
