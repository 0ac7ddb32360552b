/** `hopmark trace` where nodes report in place of writing into packets: the same report as of traces, live and recorded. */
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { runHopmark, startHopmark, type Ended } from "../../src/cli/fixtures/program.ts";
import type { PathObject } from "../../src/follow/trace/path-object.ts";
import type { Summary } from "../../src/follow/trace/summary.ts";
import { namespaceName } from "../../src/lab/topology.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import {
  addEncap,
  addExport,
  addSink,
  deleteEncap,
  deleteExport,
  deleteSink,
  showIoam,
} from "../../src/mark/ioam/control.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";

const PINGS = 20;

/** What `trace --json` printed. */
const reportOf = ({ stdout, stderr, status }: Ended) => {
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as PathObject | Summary);
  const paths = lines.filter((line): line is PathObject => line.type === "path");
  return { lines, paths, summary: lines.at(-1) as Summary };
};

/** Writes the same to both. */
const teeTo = (file: string, pipe: string): PassThrough => {
  const both = new PassThrough();
  both.pipe(createWriteStream(file));
  both.pipe(createWriteStream(pipe));
  return both;
};

test("paths, delays and loss from reports of three nodes", { timeout: 120_000 }, async () => {
  const lab = new IoamLab();
  const folder = mkdtempSync(join(tmpdir(), "hopmark-exports-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    lab.close();
  });
  const netns = (node: Musketeer): string => namespaceName(lab.name, node);
  const at = (node: Musketeer, device = `h_${node}`) => ({ device, netns: netns(node) });
  const exporters = [at("athos"), at("porthos", "h_porthos_a"), at("porthos", "h_porthos_b"), at("aramis")];
  for (const target of exporters) {
    addExport(target);
  }
  lab.onClose(() => {
    for (const node of ["athos", "porthos", "aramis"] as const)
      for (const { kind, device } of showIoam(netns(node))) if (kind === "export") deleteExport(at(node, device));
  });
  addSink(at("aramis"));
  lab.onClose(() => deleteSink(at("aramis")));
  addEncap(at("athos"), {
    prefix: "db02::/64",
    trace: "dex",
    traceType: 0xfa0000,
    namespaceId: 123,
    flowId: 77,
    frequency: { packets: 1, of: 1 },
  });
  lab.onClose(() => deleteEncap(at("athos")));

  const where = ["--netns", netns("aramis"), "--encap", netns("athos"), "--nodes", netns("porthos")];
  const file = join(folder, "reports.pcapng");
  const tracing = startHopmark(["trace", ...where, "--json", "-w", file]);
  const ping = async (count: number): Promise<void> => {
    const run = await startPing(lab.node("athos"), { target: "db02::2", count, intervalMs: 5 });
    expect(await run.finished).toMatchObject({ received: count });
  };
  let reading = false;
  const first = tracing.lines(1).then(() => (reading = true));
  while (!reading) await ping(2);
  await first;
  await ping(PINGS);
  // Each packet of the stack's becomes many of the wire behind athos' tc: its pieces have one number.
  const server = await startTcpServer(lab.node("athos"));
  const bytes = 400_000;
  const client = await startTcpDownload(lab.node("aramis"), { address: "db01::1", port: server.ready.port, bytes });
  await client.finished;
  await server.stop();
  await ping(1);
  tracing.child.kill("SIGINT");
  const { lines, paths, summary } = reportOf(await tracing.ended);
  expect(paths.length).toBeGreaterThan(PINGS);
  expect(paths.filter(({ protocol }) => protocol === "icmpv6").at(-1)).toMatchObject({
    directExport: { flowId: 77 },
    segments: 1,
    hops: [
      { nodeId: 1, node: "athos", egressId: 11, hopLimit: 64, transitDelayNs: null },
      { nodeId: 2, node: "porthos", ingressId: 21, egressId: 22, transitDelayNs: expect.any(Number) },
      { nodeId: 3, node: "aramis", ingressId: 31, egressId: null },
    ],
  });
  expect(summary).toMatchObject({
    lost: 0,
    paths: [{ hops: [{ node: "athos" }, { node: "porthos" }, { node: "aramis" }], backwards: 0 }],
    links: [
      { from: "athos", to: "porthos", negative: 0 },
      { from: "porthos", to: "aramis", negative: 0 },
    ],
    moves: [],
    exports: { joined: paths.length, incomplete: 0, notArrived: 0, duplicated: 0 },
  });
  expect(summary.sent).toBe(summary.received);
  // Packets of the wire, and packets that were numbered.
  const tcp = paths.filter(({ protocol }) => protocol === "tcp");
  expect(summary.exports!.inPieces).toBeGreaterThan(0);
  expect(tcp.reduce((sum, { segments }) => sum + segments, 0)).toBeGreaterThan(bytes / 1440);
  expect(summary.flows.find(({ protocol }) => protocol === "tcp")).toMatchObject({
    packets: tcp.length,
    source: "db01::1",
  });

  const { lines: again } = reportOf(await runHopmark(["trace", "-r", file, "--json"]));
  expect(again.slice(0, -1)).toEqual(lines.slice(0, -1));
  expect(again.at(-1)).toEqual({ ...summary, seconds: expect.any(Number) });

  // As between machines: each node's reports through a pipe as they come, and from files afterwards.
  const nodes = (["athos", "porthos", "aramis"] as const).map((node) => {
    const [report, pipe] = [join(folder, `${node}.reports`), join(folder, `${node}.pipe`)];
    execFileSync("mkfifo", [pipe]);
    const writing = startHopmark(["ioam", "export", "-w", "-", "--netns", netns(node), "--seconds", "30"]);
    return { report, pipe, writing, fed: pipeline(writing.child.stdout, teeTo(report, pipe)) };
  });
  const joining = startHopmark(["trace", "--reports", nodes.map(({ pipe }) => pipe).join(","), "--json"]);
  let joined = false;
  const joinedOne = joining.lines(1).then(() => (joined = true));
  while (!joined) await ping(2);
  await joinedOne;
  await ping(PINGS);
  await setTimeout(700);
  for (const { writing } of nodes) writing.child.kill("SIGINT");
  const live = reportOf(await joining.ended);
  for (const { writing, fed } of nodes) {
    expect(await writing.ended).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^\d+ reports written\n$/) as string,
    });
    await fed;
  }
  const [lived, files] = [live.summary, nodes.map(({ report }) => report).join(",")];
  expect(live.paths.length).toBeGreaterThanOrEqual(PINGS);
  expect(lived).toMatchObject({
    lost: null,
    received: expect.any(Number) as number,
    paths: [{ hops: [{ node: "athos" }, { node: "porthos" }, { node: "aramis" }], backwards: 0 }],
    exports: { joined: live.paths.length, incomplete: 0, notArrived: 0, duplicated: 0 },
  });
  const later = reportOf(await runHopmark(["trace", "--reports", files, "--json"]));
  expect(later.summary.exports).toMatchObject({ joined: later.paths.length, incomplete: 0, notArrived: 0 });
  // From files all of it is read, and of pipes what came since the last of them was opened.
  const known = new Set(later.paths.map((path) => JSON.stringify(path)));
  expect(live.paths.filter((path) => !known.has(JSON.stringify(path)))).toEqual([]);

  // One reader; and nothing is waited for that does not come.
  const busy = startHopmark(["ioam", "export", "--netns", netns("porthos"), "--json"]);
  const line = busy.lines(1).then(() => (reading = false));
  while (reading) await ping(2);
  await line;
  const refused = await runHopmark(["trace", ...where, "--seconds", "1"]);
  expect(refused.stderr).toContain("another process reads the reports of h_porthos_a already");
  busy.child.kill("SIGINT");
  await busy.ended;
  deleteExport(at("porthos", "h_porthos_a"));
  deleteExport(at("porthos", "h_porthos_b"));
  const silent = await runHopmark(["trace", ...where, "--seconds", "1"]);
  expect(silent.stderr).toContain(`nothing exports in ${netns("porthos")}`);
});
