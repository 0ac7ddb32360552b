import { expect, test } from "vitest";
import { ipv6 } from "../../wire/address.ts";
import type { IoamHop } from "../../wire/ioam/trace.ts";
import { joinExports, readExport, type ExportedHop } from "./join-exports.ts";
import { ExportRecord } from "../../mark/ioam/record.ts";

const report = (hop: IoamHop, changes: Partial<ExportedHop> = {}): ExportedHop => ({
  timestampNs: 0n,
  source: ipv6("db01::1"),
  destination: ipv6("db02::2"),
  namespaceId: 123,
  traceType: 0x800000,
  flowId: 7,
  sequence: 1,
  hop,
  ...changes,
});
const nodesOf = (reports: readonly ExportedHop[]): unknown[] =>
  joinExports(reports).map(({ hops }) => hops.map(({ hop }) => hop.nodeId));

test("by hop limit, whatever the nodes' clocks say", () => {
  const [first, second, third] = [64, 63, 62].map((hopLimit, index) =>
    report({ nodeId: index + 1, hopLimit }, { timestampNs: BigInt(9 - index) }),
  );
  expect(nodesOf([third!, first!, second!])).toEqual([[1, 2, 3]]);
});

test("by the clocks where a node gave no hop limit", () => {
  const found = [
    report({ nodeId: 2 }, { timestampNs: 20n }),
    report({ nodeId: 1, hopLimit: 64 }, { timestampNs: 10n }),
  ];
  expect(nodesOf(found)).toEqual([[1, 2]]);
});

test("other flows, namespaces, addresses and sequence numbers are other packets", () => {
  const same = { nodeId: 1, hopLimit: 64 };
  const found = [
    report(same),
    report(same, { sequence: 2 }),
    report(same, { flowId: 8 }),
    report(same, { flowId: undefined }),
    report(same, { namespaceId: 7 }),
    report(same, { source: ipv6("db01::9") }),
    report(same, { sequence: undefined }),
    report(same, { sequence: undefined }),
  ];
  expect(joinExports(found).length).toBe(found.length);
});

test("a record without an entry is none", () => {
  expect(readExport(new Uint8Array(ExportRecord.size))).toBeNull();
  expect(readExport(new Uint8Array(ExportRecord.size).fill(0xff))).toBeNull();
});
