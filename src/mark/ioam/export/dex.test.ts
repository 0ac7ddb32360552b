/** Direct Export: the packet keeps its size, each node's entry comes out of its ring, and the sink takes the option off. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Twin } from "../../../../tests/support/twin.ts";
import { joinExports, readExport, type ExportedHop } from "../../../follow/trace/join-exports.ts";
import { toHex } from "../../../wire/hex.ts";
import { traceTypeBit } from "../../../wire/ioam/fields.ts";
import { exportOption, frame, HOP_BY_HOP_AT, hopByHop, padding } from "../conformance/frames.ts";
import { exportCases, severalOptions } from "../conformance/cases.ts";
import { exportCounterNames, exportCounters, exporter, exportRing } from "./dex.bpf.ts";
import type { IoamNode } from "../node.ts";
import { sink } from "../sink/sink.bpf.ts";
import { taiOffset } from "../tai-offset.ts";
import { clock, device, MICROSECONDS, namespaces, node, schema, SECONDS, TAI_OFFSET } from "../test-support/nodes.ts";

const twinOf = (program: ConstructorParameters<typeof Twin>[0]): Twin => {
  const twin = new Twin(program);
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};

/** What both reported, which must be the same. */
const reports = (twin: Twin): ExportedHop[] => {
  const { kernel, v8 } = twin.records(exportRing);
  const found = kernel.map((record) => readExport(record));
  expect(found).toEqual(v8.map((record) => readExport(record)));
  return found.map((report) => report!);
};

const asking = (...input: Parameters<typeof exportOption>): Uint8Array =>
  frame({ hopByHop: hopByHop([padding(2), exportOption(...input)]), payload: new Uint8Array(8) });

describe("what a node reports", () => {
  let transit: Twin;
  beforeAll(() => {
    transit = new Twin(exporter({ node, device }));
    transit.setVariable(taiOffset, TAI_OFFSET);
  });
  afterAll(() => transit.close());

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
    const own = twinOf(exporter({ node: { ...node, namespaces: [long] }, device }));
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
    // In the option that nodes may change, or of a trace, nobody looks for it.
    expect(transit.counts(exportCounters, exportCounterNames)).toMatchObject({ namespaceUnknown: 2, malformed: 2 });
  });

  test("a full ring is counted", () => {
    const given = asking();
    const before = transit.counts(exportCounters, exportCounterNames)["exported"] ?? 0;
    let runs = 0;
    for (; runs < 2000 && (transit.counts(exportCounters, exportCounterNames)["ringFull"] ?? 0) === 0; runs++)
      transit.runBoth(given, { environment: clock });
    expect(transit.counts(exportCounters, exportCounterNames)).toMatchObject({
      exported: before + runs - 1,
      ringFull: 1,
    });
  });
});

test("two nodes and the sink: reports of each packet are joined, and the packet loses what asked for them", () => {
  const other = (id: number): IoamNode => ({ ...node, id });
  const porthos = twinOf(exporter({ node: other(2), device }));
  const aramis = twinOf(exporter({ node: other(3), device }));
  const end = twinOf(sink({ node: other(3), device }));
  const plain = frame({ payload: new Uint8Array(20) });
  const reported: ExportedHop[] = [];
  for (let packet = 0; packet < 3; packet++) {
    const option = exportOption({ extensionFlags: 0xc0, extensions: [7, packet] });
    const left = frame({ hopByHop: hopByHop([padding(2), option]), payload: new Uint8Array(20) });
    const passed = porthos.run(left, { environment: clock }).packet;
    expect(toHex(passed)).toBe(toHex(left));
    passed[21]! -= 1;
    const delivered = end.run(aramis.run(passed, { environment: clock }).packet, { environment: clock }).packet;
    expect(toHex(delivered, HOP_BY_HOP_AT)).toBe(toHex(plain, HOP_BY_HOP_AT));
    expect(delivered.length).toBe(plain.length);
    // Out of order, as from two machines.
    reported.unshift(...reports(porthos), ...reports(aramis));
  }
  const paths = joinExports(reported);
  const nodes = paths.map(({ hops }) => hops.map(({ hop }) => hop.nodeId));
  expect(nodes).toEqual([[2, 3], [2, 3], [2, 3]]); // prettier-ignore
  expect(paths.map(({ flowId, sequence }) => [flowId, sequence])).toEqual([2, 1, 0].map((own) => [7, own]));
});

test("costs the verifier little", () => {
  const many = { ...node, namespaces: Array.from({ length: 8 }, (_, id) => ({ ...namespaces.withSchema, id })) };
  const own = twinOf(exporter({ node: many, device }));
  expect(own.kernel.info().verifiedInstructions).toBeLessThan(20_000);
});
