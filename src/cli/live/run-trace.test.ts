/** Recordings from the command's side: what is printed, where, and what is refused. Traces as they come: src/cli/program.test.ts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { recordOf } from "../../follow/trace/fixtures/records.ts";
import { recorderOf } from "../../follow/trace/recording/format.ts";
import { factsOfNothing } from "../../follow/trace/recording/session.ts";
import { encodeIoamTrace } from "../../wire/ioam/encode.ts";
import { Output } from "../framework/output.ts";
import { runTrace, type TraceOptions } from "./run-trace.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const nothing: TraceOptions = {
  netns: undefined,
  device: undefined,
  encap: undefined,
  nodes: undefined,
  kernel: false,
  seconds: undefined,
  lines: false,
  summary: false,
  by: undefined,
  write: undefined,
  format: undefined,
  read: undefined,
  reports: undefined,
};

/** Runs the command to its end. */
const run = async (options: Partial<TraceOptions>, json = true) => {
  const streamOf = () => {
    const stream = { text: "", write: (text: string) => ((stream.text += text), true) };
    return stream;
  };
  const [stdout, stderr] = [streamOf(), streamOf()];
  const output = new Output({ json, stdout, stderr, environment: {} });
  const ended: unknown = await runTrace({ ...nothing, ...options }, output, new AbortController().signal).catch(
    (reason: unknown) => reason,
  );
  const [status, error] = typeof ended === "number" ? [ended] : [undefined, ended];
  return { stdout: stdout.text, stderr: stderr.text, status, error };
};

const COUNT = 300;
const recording = at("traces.pcapng");
const recorder = recorderOf("pcapng", "test");
recorder.begin({
  ...factsOfNothing,
  source: "eth0",
  startNs: 1_763_600_000_000_000_000n,
  names: new Map([[1, "athos"]]),
});
for (let index = 0; index < COUNT; index++) {
  const hops = [1, 2].map((nodeId) => ({
    nodeId,
    hopLimit: 64,
    timestampNs: `17637048330000${index + 100}${nodeId}000`,
  }));
  recorder.add(recordOf(encodeIoamTrace({ namespaceId: 1, traceType: 0xb00000, hops })), 0);
}
const received = BigInt(COUNT);
const sink = { received, segments: received, ringFull: 2n };
const after = { encap: [{ segments: received + 5n }], transit: [], sink };
recorder.state({ seconds: 1.5, after, clock: null, ended: true });
const file = recorder.take().slice();
writeFileSync(recording, file);

test("lines and summary come from the recording; the other format says the same", async () => {
  const first = await run({ read: recording });
  expect(first).toMatchObject({ status: 0, stderr: "" });
  const lines = first.stdout.trim().split("\n").map((line) => JSON.parse(line) as object); // prettier-ignore
  expect(lines).toHaveLength(COUNT + 1);
  expect(lines[0]).toMatchObject({ type: "path", hops: [{ node: "athos" }, { node: null }] });
  expect(lines.at(-1)).toMatchObject({
    seconds: 1.5,
    sent: COUNT + 5,
    received: COUNT,
    lost: 5,
    reasons: { "sink.ringFull": 2 },
  });
  const converted = await run({ read: recording, write: at("traces.ndjson") });
  expect(converted.stdout).toBe(first.stdout);
  expect(await run({ read: at("traces.ndjson") })).toEqual(first);
  await run({ read: at("traces.ndjson"), write: at("again.pcapng"), summary: true });
  expect((await run({ read: at("again.pcapng") })).stdout).toBe(first.stdout);
});

test("for people: lines, or nothing but the summary", async () => {
  expect((await run({ read: recording, lines: true }, false)).stdout).toMatch(
    /^\d\d:\d\d:\d\d\.\d+ icmpv6 db01::1 > db02::2 ns 1: athos/,
  );
  expect((await run({ read: recording, summary: true }, false)).stdout).toMatch(
    /^1\.5 s: sent 305 · received 300 · lost 5/,
  );
});

test("a recording that is cut is read as far as it goes, a note says how far, and the exit status is 1", async () => {
  writeFileSync(at("cut.pcapng"), file.subarray(0, file.length - 2000));
  const { stdout, stderr, status } = await run({ read: at("cut.pcapng") });
  expect(status).toBe(1);
  const lines = stdout.trim().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ sent: null, lost: null, received: lines.length - 1 });
  expect(JSON.parse(stderr)).toMatchObject({
    type: "remark",
    text: expect.stringMatching(
      new RegExp(`cut at byte \\d+: .*; ${lines.length - 1} records are read, no counters`),
    ) as string,
  });
});

test("a full disk: the summary is there, and an error says why the recording is not", async () => {
  const { stdout, error } = await run({ read: recording, write: "/dev/full", summary: true });
  expect(JSON.parse(stdout)).toMatchObject({ type: "summary", received: COUNT });
  expect(error).toMatchObject({
    code: "recording",
    message: expect.stringContaining("no space left on the device") as string,
  });
});

describe("refused", () => {
  writeFileSync(at("empty"), "");
  test.each<[Partial<TraceOptions>, RegExp]>([
    [{ read: at("nosuch") }, /cannot read .*nosuch: there is no such file/],
    [{ read: folder }, /it is a folder/],
    [{ read: at("empty") }, /is no recording: it is empty/],
    [{ read: import.meta.filename }, /is no recording: it starts neither as pcapng nor as JSON/],
    [{ read: recording, write: recording }, /is the recording that is read/],
    [{ read: recording, write: at("x.pcap") }, /the older pcap format/],
    [{ read: recording, write: "/nosuch/x" }, /cannot write \/nosuch\/x: there is no such folder/],
    [{ read: recording, format: "ndjson" }, /--format is for what is recorded/],
    [{ read: recording, device: "eth0" }, /DEVICE is for traces as they come/],
    [{ read: recording, kernel: true }, /--kernel is for traces as they come/],
    [{ read: recording, lines: true, summary: true }, /--lines and --summary exclude each other/],
    [{ kernel: true, device: "eth0" }, /eth0 is an interface, and --kernel/],
  ])("%j", async (options, message) => {
    const { stdout, error } = await run(options);
    expect({ stdout, error }).toEqual({ stdout: "", error: expect.objectContaining({ code: "config" }) as Error });
    expect(String(error)).toMatch(message);
    expect(readFileSync(recording)).toEqual(Buffer.from(file));
  });
});

test.each([
  [{ reports: ["/nowhere/a.reports"] }, "cannot read /nowhere/a.reports: there is no such file"],
  [{ reports: ["a", "a"] }, "--reports names a file twice"],
  [{ reports: [at("twice.pcapng")], read: "x" }, "-r and --reports exclude each other"],
  [{ reports: [at("a")], netns: "lab" }, "--netns is for traces as they come, and --reports reads what nodes wrote"],
])("reports that cannot be read: %j", async (options, message) => {
  expect((await run(options)).error).toMatchObject({ message: expect.stringContaining(message) as string });
});

test("a file of something else holds no reports", async () => {
  writeFileSync(at("other.reports"), '{"type":"recording"}\n{}\n');
  expect(await run({ reports: [at("other.reports")] })).toMatchObject({
    error: { message: expect.stringContaining("it does not begin with a node's line") as string },
  });
  writeFileSync(at("empty.reports"), "");
  expect(await run({ reports: [at("empty.reports")] })).toMatchObject({
    error: { message: expect.stringContaining("it ends too early") as string },
  });
});
