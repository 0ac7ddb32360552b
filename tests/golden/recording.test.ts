/** Recordings as pcapng, judged by tshark: every trace that a record can hold, dissected without a complaint. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { recordOf } from "../../src/follow/trace/fixtures/records.ts";
import { recorderOf } from "../../src/follow/trace/recording/format.ts";
import { factsOfNothing } from "../../src/follow/trace/recording/session.ts";
import { writeField, fieldOf } from "../../src/wire/codec.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { encodeIoamTrace, IpProtocol, type IoamHop } from "../../src/wire/index.ts";
import { fieldsInFile, isInstalled } from "./tools.ts";

const hop = (nodeId: number): IoamHop => ({
  nodeId,
  hopLimit: 65 - nodeId,
  nodeIdWide: String(2 ** 40 + nodeId),
  timestampNs: `176367360000000${nodeId}000`,
  opaqueState: { schemaId: 7, length: 1, data: "0x01020304" },
});

const cases = [
  ...[0xfe0000, 0xf00000, 0x008000, 0x800002].map((traceType) => ({ traceType, size: 160, segments: 1 })),
  // Every length of padding behind the option.
  ...[24, 28, 32, 36].map((size) => ({ traceType: 0x800000, size, segments: 44 })),
];
const protocols = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Icmpv6, IpProtocol.Ipv6] as const;

/** PI_WARN of tshark's expert infos. */
const WARNING = 0x600000;

test.skipIf(!isInstalled("tshark"))("tshark reads a recording as packets with their traces", () => {
  const folder = mkdtempSync(join(tmpdir(), "hopmark-recording-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const recorder = recorderOf("pcapng", "hopmark test");
  recorder.begin({ ...factsOfNothing, source: "eth0", linkHeaderBytes: 14 });
  for (const protocol of protocols) {
    for (const { traceType, size, segments } of cases) {
      const trace = encodeIoamTrace({ namespaceId: 123, traceType, size, hops: [1, 2, 3].map(hop) });
      const record = recordOf(trace, { segments, protocol });
      writeField(fieldOf(TraceRecord, "packetLength"), 1514, record, 0);
      writeField(fieldOf(TraceRecord, "sourcePort"), 50_000, record, 0);
      writeField(fieldOf(TraceRecord, "destinationPort"), 443, record, 0);
      recorder.add(record, 0);
    }
  }
  recorder.state({ seconds: 1, after: factsOfNothing.before, clock: null, ended: true });
  const file = join(folder, "traces.pcapng");
  writeFileSync(file, recorder.take());

  const names = ["ipv6.src", "ipv6.opt.ioam.trace.type", "tcp.dstport", "udp.dstport", "frame.len", "frame.comment"];
  const complaints = ["_ws.expert.severity", "_ws.malformed"];
  const nodes = "ipv6.opt.ioam.trace.node.id";
  const seen = fieldsInFile(file, [...names, nodes, "frame.time_epoch", ...complaints]);
  const all = protocols.flatMap((protocol) => cases.map((one) => ({ protocol, ...one })));
  expect(seen).toHaveLength(all.length);
  seen.forEach((fields, index) => {
    const { protocol, traceType, segments } = all[index]!;
    const short = (traceType & 0x800000) !== 0;
    expect(fields).toMatchObject({
      "ipv6.src": "db01::1",
      "ipv6.opt.ioam.trace.type": `0x${traceType.toString(16).padStart(6, "0")}`,
      "tcp.dstport": protocol === IpProtocol.Tcp ? "443" : "",
      "udp.dstport": protocol === IpProtocol.Udp ? "443" : "",
      "frame.len": "1500",
      "frame.comment": segments === 1 ? "" : 'hopmark {"segments":44}',
      "frame.time_epoch": "1763600000.000000000",
      "_ws.malformed": "",
      [nodes]: short ? "0x000003,0x000002,0x000001" : "",
    });
    const severities = (fields["_ws.expert.severity"] ?? "").split(",").map(Number);
    expect(severities.filter((severity) => severity >= WARNING)).toEqual([]);
  });
  expect(spawnSync("capinfos", ["-t", file], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: expect.not.stringContaining("cut short") as string }); // prettier-ignore
});
