/** Readers of copies that come, go and are killed under load: what was produced was read or is lost, exactly. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { startHopmark } from "../../src/cli/fixtures/program.ts";
import { openCapture } from "../../src/follow/capture/open-capture.ts";
import { readNetCounters } from "../../src/linux/net-counters.ts";
import { setFeatures } from "../../src/linux/ethtool.ts";
import { openMarkedFrames, type MarkedFrames } from "../support/marked-frames.ts";
import { PvalLab } from "../support/pval-lab.ts";

let lab: PvalLab;
let netns: string;
let frames: MarkedFrames;
let start: number;
beforeAll(() => {
  lab = new PvalLab();
  lab.add("left", { rxcopy: true });
  start = received() - accounted();
  netns = lab.reference("left");
  setFeatures(lab.route("left"), "h_left", { "rx-gro": true });
  frames = openMarkedFrames({
    netns: lab.netns("right"),
    ifindex: lab.link("right", "h_right").index,
    toMac: lab.link("left", "pval0").mac,
    source: "10.0.0.2",
    destination: "10.0.0.1",
  });
});
afterAll(() => {
  frames.close();
  lab.close();
});

const totals = () => {
  const { copies } = lab.status("left").statistics;
  const sum = (key: "produced" | "read" | "lost" | "idle") => copies.reduce((all, own) => all + Number(own[key]), 0);
  return { produced: sum("produced"), read: sum("read"), lost: sum("lost"), idle: sum("idle") };
};
/** By the device below, as the kernel counts it. */
const received = (): number => readNetCounters(lab.netns("left")).get("h_left rx_packets") ?? NaN;
/** Copied, lost or not, or not copied because nobody read. */
const accounted = (): number => {
  const { produced, idle } = totals();
  return produced + idle;
};
const since = (before: ReturnType<typeof totals>) => {
  const now = totals();
  return { produced: now.produced - before.produced, read: now.read - before.read, lost: now.lost - before.lost };
};
/** What waits in rings that nobody reads: the next reader throws it away, and counts it as lost. */
const leftIn = (ring: string): number => {
  const { copies } = lab.status("left").statistics;
  const named = copies.filter((own) => ring === "pval0" || own.ring === ring);
  expect(named.length).toBeGreaterThan(0);
  return named.reduce((all, { produced, read, lost }) => all + Number(produced - read - lost), 0);
};

/** The last reader of each test ends as it should: nothing waits. And what came in is in the counts, all of it. */
afterEach(async () => {
  const { produced, read, lost } = totals();
  expect(read + lost).toBe(produced);
  await expect.poll(() => received() - accounted()).toBe(start);
});

const startReader = () => startHopmark(["dump", "--ring", "pval0-rx", "--netns", netns, "-w", "/dev/null"]);

/** More than the rings hold, and what is lost of it at least. */
const OVERLOAD = 30_000;
const LEAST_LOST = 5000;

/** The reader holds still until the rings are full, and then has more to read than it can at once. */
const overload = async (reader: ChildProcess): Promise<void> => {
  const before = totals();
  reader.kill("SIGSTOP");
  frames.send(OVERLOAD);
  await expect.poll(() => since(before).lost, { timeout: 10_000 }).toBeGreaterThan(LEAST_LOST);
  reader.kill("SIGCONT");
};

test("killed in the middle of a batch, again and again", { timeout: 40_000 }, async () => {
  const before = totals();
  for (let round = 0; round < 2; round++) {
    const reader = startReader();
    onTestFinished(() => void reader.child.kill("SIGKILL"));
    await reader.says(/listening/);
    await expect(openCapture({ ring: "pval0", netns })).rejects.toThrow(`is being read by process ${reader.child.pid}`);
    frames.send(1000);
    await expect.poll(() => since(before).read, { timeout: 10_000 }).toBeGreaterThan(round * 1000);
    await overload(reader.child);
    await delay(round * 5);
    reader.child.kill("SIGKILL");
    // Still copied, as nobody has noticed.
    frames.send(100);
    await reader.ended;
    frames.send(50);
  }
  const last = startReader();
  await last.says(/listening/);
  const start = totals();
  await overload(last.child);
  last.child.kill("SIGINT");
  const { stderr, status } = await last.ended;
  expect(status).toBe(0);
  const { produced, read, lost } = since(start);
  expect(stderr).toContain(`\n${read} packets captured\n${produced} packets received by filter\n${lost} packets dropped by kernel\n`); // prettier-ignore
  expect(read + lost).toBe(produced);
  const all = since(before);
  expect(all.read + all.lost).toBe(all.produced);
  expect(all.lost).toBeGreaterThan(3 * LEAST_LOST);
});

test("come and go while packets do not stop", { timeout: 30_000 }, async () => {
  const script = `const socket = require("node:dgram").createSocket("udp4");
    const data = Buffer.alloc(40);
    const more = () => { for (let n = 0; n < 200; n++) socket.send(data, 9, "10.0.0.1"); setImmediate(more); };
    more();`;
  // A packet comes by the ring of the CPU that sent it.
  const onCpu0 = ["taskset", "-c", "0", process.execPath];
  const flood = spawn("ip", ["netns", "exec", lab.reference("right"), ...onCpu0, "-e", script]);
  onTestFinished(() => void flood.kill("SIGKILL"));
  const { idle } = totals();
  await expect.poll(() => totals().idle, { timeout: 10_000 }).toBeGreaterThan(idle + 100);
  for (let round = 0; round < 4; round++) {
    const ring = round === 2 ? "pval0-rx-cpu-0" : "pval0";
    const before = totals();
    const left = leftIn(ring);
    using capture = await openCapture({ ring, netns });
    const batches = capture.batches()[Symbol.asyncIterator]();
    let read = 0;
    for (let taken = 0; taken < 3; taken++) read += (await batches.next()).value?.count ?? 0;
    // Too long for a ring.
    if (round === 0) await delay(100);
    if (round % 2 === 0) {
      capture.stop();
      for await (const { count } of capture.batches()) read += count;
      const counts = capture.counts();
      expect({ produced: counts.produced, lost: (counts.lost ?? NaN) + left, read }).toEqual(since(before));
    }
  }
  // What the one before has left in the rings.
  using last = await openCapture({ ring: "pval0", netns });
  last.stop();
  for await (const { count } of last.batches()) void count;
  // What still comes is not copied, and counted as such.
  flood.kill("SIGKILL");
  await once(flood, "exit");
});
