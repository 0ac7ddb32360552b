/** What a pval device copies, read as a capture: by the library and by hopmark dump. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
// Loaded before the clock of a test runs.
import "../../src/cli/dump/packet-writer.ts";
import "../../src/cli/dump/run-dump.ts";
import { dump as dumpCommand } from "../../src/cli/commands/dump.ts";
import { startHopmark } from "../../src/cli/fixtures/program.ts";
import { Output } from "../../src/cli/framework/output.ts";
import { parseInput } from "../../src/cli/framework/parse-input.ts";
import type { CapturedFrame } from "../../src/follow/capture/capture.ts";
import { Direction } from "../../src/follow/capture/batch.ts";
import { openCapture } from "../../src/follow/capture/open-capture.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { addPval, deletePval } from "../../src/mark/pval/control.ts";
import { four, frame, payload, udp } from "../golden/captures/build.ts";
import { fieldsInFile } from "../golden/tools.ts";
import { PvalLab } from "../support/pval-lab.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-rings-"));
let lab: PvalLab;
let wire: PacketSocket;
let netns: string;
beforeAll(() => {
  lab = new PvalLab();
  lab.add("left", { ipopt: true, txcopy: true, rxcopy: true });
  netns = lab.reference("left");
  // From here packets go to pval0.
  wire = new PacketSocket(lab.netns("right"), lab.link("right", "h_right").index, { protocol: 0 });
});
afterAll(() => {
  wire.close();
  lab.close();
  rmSync(folder, { recursive: true });
});
/** Whoever read: what was produced was read or is lost, and nothing waits. */
afterEach(() => expect(totals().readers).toEqual([]));

const totals = () => {
  const { copies } = lab.status("left").statistics;
  const sum = (key: "produced" | "read" | "lost" | "idle") => copies.reduce((all, own) => all + Number(own[key]), 0);
  const readers = copies.flatMap(({ reader }) => reader ?? []);
  return { produced: sum("produced"), read: sum("read"), lost: sum("lost"), idle: sum("idle"), readers };
};

const ping = async (count: number): Promise<void> => {
  const { finished } = await startPing(lab.netns("left"), { target: "10.0.0.2", intervalMs: 2, count });
  expect(await finished).toMatchObject({ sent: count, received: count });
};

const isEcho = ({ packet }: CapturedFrame): boolean => packet.layers.some(({ protocol }) => protocol === "icmp");

test("all rings of a device as one capture, in the order of time", async () => {
  using capture = await openCapture({ ring: "pval0", netns });
  await ping(6);
  capture.stop();
  const seen: CapturedFrame[] = [];
  for await (const own of capture.packets()) seen.push(own);
  const echoes = seen.filter(isEcho);
  expect(echoes.map(({ direction }) => direction)).toEqual([1, 2, 3, 4, 5, 6].flatMap(() => [Direction.Out, Direction.In])); // prettier-ignore
  const times = seen.map(({ seconds, nanoseconds }) => (seconds - seen[0]!.seconds) * 1e9 + nanoseconds);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { interface: own, direction } of seen) {
    expect(own.name).toBe(`pval0-${direction === Direction.Out ? "tx" : "rx"}-cpu-${own.cpu}`);
    expect(own.snapLength).toBe(256);
  }
  // As it leaves: with its mark.
  expect(echoes[0]?.packet.layers.find(({ protocol }) => protocol === "ipv4")).toMatchObject({ options: [{ kind: "pval" }] }); // prettier-ignore
  expect(capture.counts()).toMatchObject({ read: seen.length, lost: 0, produced: seen.length });
});

test("one ring, a direction, and which there are not", async () => {
  using one = await openCapture({ ring: "pval0-rx-cpu-0", netns });
  expect(one.interfaces.map(({ name }) => name)).toEqual(["pval0-rx-cpu-0"]);
  await expect(openCapture({ ring: "pval0", netns })).rejects.toThrow(`pval0-rx-cpu-0 is being read by process ${process.pid}`); // prettier-ignore
  using sent = await openCapture({ ring: "pval0-tx", netns });
  expect(sent.interfaces.every(({ name }) => name?.startsWith("pval0-tx-cpu-"))).toBe(true);
  await expect(openCapture({ ring: "pval0-rx-cpu-999", netns })).rejects.toThrow(/no pval device or ring/);
});

test("a VLAN tag is where it was on the wire", async () => {
  using capture = await openCapture({ ring: "pval0-rx", netns });
  const tagged = frame({ protocol: "vlan", header: { id: 77, priority: 5 } }, four, udp(), payload(30));
  const long = frame({ protocol: "vlan", header: { id: 78 } }, four, udp(), payload(900));
  wire.send(tagged);
  wire.send(long);
  capture.stop();
  const seen: CapturedFrame[] = [];
  for await (const own of capture.packets()) seen.push(own);
  const ours = seen.filter(({ packet }) => packet.layers.some(({ protocol }) => protocol === "vlan"));
  expect(ours.map(({ packet }) => Buffer.from(packet.bytes))).toEqual([Buffer.from(tagged), Buffer.from(long.subarray(0, 260))]); // prettier-ignore
  expect(ours[1]?.packet.wireLength).toBe(long.length);
});

test("more than the rings hold: every packet was read, or is counted as lost at its ring", async () => {
  const before = totals();
  // Of an earlier reader: thrown away, and counted as lost, when the next one comes.
  const left = before.produced - before.read - before.lost;
  using capture = await openCapture({ ring: "pval0", netns });
  const sent = frame(four, udp(), payload(30));
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 14_000; count++) wire.send(sent);
    const { value } = await capture.batches()[Symbol.asyncIterator]().next();
    expect(value?.count).toBeGreaterThan(0);
  }
  capture.stop();
  for await (const { count } of capture.batches()) void count;
  const { read, lost, produced, lostAt } = capture.counts();
  const after = totals();
  expect(lost).toBeGreaterThan(0);
  expect(lostAt?.reduce((sum, own) => sum + own, 0)).toBe(lost);
  expect(produced).toBe(after.produced - before.produced);
  expect({ produced: read + (lost ?? 0), lost }).toEqual({ produced, lost: after.lost - before.lost - left });
});

test("dump prints and counts", async () => {
  const running = startHopmark(["dump", "--ring", "pval0", "--netns", netns, "-n", "icmp"]);
  await running.says(/listening/);
  await ping(3);
  const lines = await running.lines(6);
  running.child.kill("SIGINT");
  const { status, stderr } = await running.ended;
  expect(lines.map((line) => line.slice(16))).toEqual(
    [1, 2, 3].flatMap((seq) => [
      expect.stringMatching(`IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id \\d+, seq ${seq},`) as string,
      expect.stringMatching(`IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id \\d+, seq ${seq},`) as string,
    ]),
  );
  expect(stderr).toMatch(/^listening on pval0, link-type Ethernet, snapshot length 256 bytes\n6 packets captured\n\d+ packets received by filter\n0 packets dropped by kernel\n$/); // prettier-ignore
  expect(status).toBe(0);
});

/** The command in this process, until it has what it wants. */
const dumpHere = async (json: boolean, words: readonly string[], traffic: () => Promise<void>): Promise<string> => {
  const stream = { text: "", write: (data: string | Uint8Array) => ((stream.text += Buffer.from(data).toString()), true) }; // prettier-ignore
  const output = new Output({ json, stdout: stream, stderr: { write: () => true }, environment: {} });
  const context = { output, signal: new AbortController().signal, needRights: () => Promise.resolve() };
  const ended = dumpCommand.execute(parseInput(dumpCommand, ["--ring", "pval0", "--netns", netns, ...words]), context);
  await expect.poll(() => totals().readers.length, { interval: 100, timeout: 10_000 }).toBeGreaterThan(0);
  await traffic();
  expect(await ended).toBe(0);
  return stream.text;
};

test("dump writes pcapng: a ring an interface, directions, nanoseconds, marks as ids", async () => {
  const path = join(folder, "copies.pcapng");
  await dumpHere(false, ["-w", path, "-c", "4", "icmp"], () => ping(2));
  const names = ["frame.interface_name", "frame.packet_flags_direction", "frame.packet_id", "icmp.type"];
  const seen = fieldsInFile(path, names);
  expect(seen.map((fields) => [fields["frame.packet_flags_direction"], fields["icmp.type"]])).toEqual([1, 2].flatMap(() => [["0x00000002", "8"], ["0x00000001", "0"]])); // prettier-ignore
  for (const fields of seen) {
    const out = fields["icmp.type"] === "8";
    expect(fields["frame.interface_name"]).toMatch(out ? /^pval0-tx-cpu-\d+$/ : /^pval0-rx-cpu-\d+$/);
    expect(fields["frame.packet_id"]).toMatch(out ? /^\d+$/ : /^$/);
  }
  using capture = await openCapture(path);
  for await (const { nanoseconds, count } of capture.batches())
    expect(nanoseconds.slice(0, count).some((ns) => ns % 1000 !== 0)).toBe(true);
  expect(capture.counts()).toMatchObject({ read: 4, lost: 0 });
});

test("dump as JSON says whose time it is", async () => {
  const said = await dumpHere(true, ["-c", "1", "icmp"], () => ping(1));
  expect(JSON.parse(said)).toMatchObject({ direction: "out", timeSource: "clock", number: 1 });
});

test("a device in place has rings of its name; when it goes, its capture ends and says so", async () => {
  const right = lab.reference("right");
  addPval({ link: "h_right", options: { rxcopy: true }, inPlace: true }, right);
  using capture = await openCapture({ ring: "h_right", netns: right });
  expect(capture.interfaces[0]?.name).toBe("h_right-rx-cpu-0");
  await ping(1);
  deletePval("h_right", right);
  let read = 0;
  for await (const { count } of capture.batches()) read += count;
  expect(read).toBeGreaterThan(0);
  expect(capture.remark()).toBe("h_right is gone");
  expect(capture.counts()).toMatchObject({ read, lost: 0 });
});

test("a ring's name where an interface is meant is told apart", async () => {
  await expect(openCapture({ device: "pval0-rx-cpu-0", netns })).rejects.toMatchObject({
    hint: "a ring of a pval device is read with hopmark dump --ring pval0-rx-cpu-0",
  });
  await expect(openCapture({ ring: "pval9", netns })).rejects.toThrow("there is no pval device or ring pval9");
});
