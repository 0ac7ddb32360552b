/** What a node writes is what another machine reads; anything else is named. */
import { expect, test } from "vitest";
import { ExportStage } from "../../../mark/ioam/record.ts";
import { exportRecord } from "./fixtures/reports.ts";
import { exportReport } from "./report.ts";
import { batchLine, nodeLine, parseBatchLine, parseNodeLine, usedBytes } from "./report-stream.ts";

const node = {
  node: "porthos",
  devices: [
    { index: 3, name: "eth0" },
    { index: 4, name: "eth1" },
  ],
  ends: ["eth1"],
  linkHeaderBytes: 14,
  names: new Map([[2, "porthos"]]),
};

const given = [
  { hop: { nodeId: 2, hopLimit: 63, ingressId: 21, timestampNs: "5000000100000" }, timestampNs: 5_000_000_100_000n },
  { hop: { nodeId: 2, hopLimit: 63 }, stage: ExportStage.Left, timestampNs: 5_000_000_104_321n },
].map(exportRecord);
const records = Buffer.concat(given.map((record) => record.subarray(0, usedBytes(record, 0))));
const batch = {
  atNs: 1_800_000_000_123_456_789n,
  records,
  counts: new Map([["eth0", { exported: 2n, received: 2n ** 60n }]]),
  inserts: [77],
  ended: false,
};

test("the node's line", () => expect(parseNodeLine(nodeLine(node))).toEqual(node));

test("a batch, of which only bytes that say something are written", () => {
  const line = batchLine(batch);
  expect(line.length).toBeLessThan(given[0]!.length * 2);
  const read = parseBatchLine(line);
  expect(read).toEqual(batch);
  if (typeof read === "string") throw new Error(read);
  const second = usedBytes(read.records, 0);
  for (const [at, record] of [
    [0, given[0]!],
    [second, given[1]!],
  ] as const)
    expect(exportReport(read.records, at)).toEqual(exportReport(record, 0));
  expect(parseBatchLine(batchLine({ ...batch, records: new Uint8Array(0), ended: true }))).toMatchObject({
    ended: true,
  });
});

test.each([
  ["", "does not begin"],
  ['{"type":"path"}', "does not begin"],
  [nodeLine(node).replace('"format":1', '"format":2'), "another version of hopmark"],
  [nodeLine(node).replace(/"recordBytes":\d+/, '"recordBytes":9'), "another version of hopmark"],
  [nodeLine(node).replace('"ends":["eth1"]', '"ends":7'), "none of a node's reports"],
])("no node's line: %j", (line, wrong) => expect(parseNodeLine(line)).toContain(wrong));

test.each([
  nodeLine(node),
  batchLine(batch).slice(0, 60),
  batchLine({ ...batch, records: records.subarray(1) }),
  batchLine({ ...batch, records: records.subarray(0, records.length - 1) }),
  batchLine(batch).replace(/"atNs":"\d+"/, '"atNs":"soon"'),
  batchLine(batch).replace('"counts":{', '"counts":7,"_":{'),
])("no batch: %j", (line) => expect(parseBatchLine(line)).toContain("none of a node's reports"));

test("a line of bytes that are anything is refused or read, and never throws", () => {
  const line = batchLine(batch);
  for (let at = 0; at < line.length; at += 3) {
    const changed = `${line.slice(0, at)}9${line.slice(at + 1)}`;
    const read = parseBatchLine(changed);
    if (typeof read === "string") continue;
    for (let offset = 0; offset < read.records.length; offset += usedBytes(read.records, offset))
      exportReport(read.records, offset);
  }
});
