/** Impairments at work: a veth pair, marked frames at full speed and a socket that reads what is left of them. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { MARKED_PORT, openMarkedFrames, type MarkedFrames } from "../../../tests/support/marked-frames.ts";
import { NumberReceiver } from "../../../tests/support/number-receiver.ts";
import { readNetCounters } from "../../linux/net-counters.ts";
import { vethPair, type Pair } from "../../bpf/fixtures/veth.ts";
import { setFeatures } from "../../linux/ethtool.ts";
import { linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { startTcpDownload, startTcpServer } from "../traffic/tcp.ts";
import { Harm, isHit } from "./hit.bpf.ts";
import { parsePattern } from "./pattern.ts";
import type { ImpairRules } from "./rules.ts";
import { startImpair, type Impair, type ImpairPlaceOptions } from "./start.ts";

const nothing: ImpairRules = {
  seed: 7n,
  match: { family: "any", protocol: null, port: MARKED_PORT, marked: true },
  loss: null,
  duplicate: null,
  reorder: null,
  delay: null,
  hold: null,
};

interface Bench {
  readonly pair: Pair;
  readonly frames: MarkedFrames;
  readonly receiver: NumberReceiver;
  start(rules: Partial<ImpairRules>, place?: Partial<ImpairPlaceOptions>): Impair;
}

const bench = (): Bench => {
  const pair = vethPair();
  const { west, east } = pair;
  const route = openRtnetlink(east.netns);
  // Frames that are redirected to its peer come by NAPI only.
  setFeatures(route, "east", { "rx-gro": true });
  const { mac } = linkByName(route, "east");
  route.close();
  const frames = openMarkedFrames({
    netns: west.netns,
    ifindex: west.ifindex,
    toMac: mac,
    source: "10.77.0.1",
    destination: "10.77.0.2",
  });
  onTestFinished(() => frames.close());
  const receiver = new NumberReceiver(east.netns, MARKED_PORT);
  onTestFinished(() => receiver.close());
  const start: Bench["start"] = (rules, place) => {
    const impair = startImpair(
      { device: "east", netns: `/proc/self/fd/${east.netns.fd}`, ...place },
      { ...nothing, ...rules },
    );
    onTestFinished(() => void impair.close());
    return impair;
  };
  return { pair, frames, receiver, start };
};

/** Waits until nothing comes any more. */
const allThatComes = async (receiver: NumberReceiver, least: number): Promise<number[]> => {
  const numbers: number[] = [];
  const limit = performance.now() + 2000;
  while (numbers.length < least && performance.now() < limit) {
    await delay(2);
    numbers.push(...receiver.drain());
  }
  await delay(10);
  return [...numbers, ...receiver.drain()];
};

const numbersIn = (ranges: readonly (readonly [number, number])[]): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

test.each(["xdp", "tc"] as const)(
  "loss at %s: those packets do not come that are listed, and no others",
  async (hook) => {
    const { frames, receiver, start } = bench();
    const loss = parsePattern("2%x3");
    const impair = start({ loss }, { hook });
    frames.send(20_000);
    const lost = upTo(20_000).filter((index) => isHit(loss, 7n, Harm.Loss, BigInt(index)));
    const came = await allThatComes(receiver, 20_000 - lost.length);
    const report = impair.close();
    expect(report).toMatchObject({ hook, matched: 20_000, unlisted: 0, relay: null });
    expect(numbersIn(report.loss.indices)).toEqual(lost);
    expect(report.loss.marks).toEqual([{ cpu: 0, seqs: report.loss.indices }]);
    expect(came).toEqual(upTo(20_000).filter((index) => !lost.includes(index)));
  },
);

test("duplicates", async () => {
  const { frames, receiver, start } = bench();
  const impair = start({ duplicate: parsePattern("every:50+3") });
  frames.send(2000);
  const came = await allThatComes(receiver, 2040);
  const report = impair.close();
  expect(report).toMatchObject({ matched: 2000, notCopied: 0, duplicate: { packets: 40 } });
  const counts = new Map<number, number>();
  for (const number of came) counts.set(number, (counts.get(number) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count !== 1).map(([number]) => number)).toEqual(
    upTo(2000).filter((number) => number % 50 === 3),
  );
  expect(came.length).toBe(2040);
});

test("reordering: each of them comes behind at least as many as were asked for", async () => {
  const { frames, receiver, start } = bench();
  const impair = start({ reorder: { pattern: parsePattern("every:100+10"), by: 4 } });
  frames.send(3000);
  const came = await allThatComes(receiver, 3000);
  const report = impair.close();
  expect(report).toMatchObject({ reorder: { packets: 30 }, notHeld: 0, relay: { sent: 30, waiting: 0 } });
  expect(came.toSorted((one, other) => one - other)).toEqual(upTo(3000));
  const late = came.filter((number, at) => came.slice(0, at).some((other) => other > number));
  expect(late.toSorted((one, other) => one - other)).toEqual(upTo(3000).filter((number) => number % 100 === 10));
  for (const number of late)
    expect(came.slice(0, came.indexOf(number)).filter((other) => other > number).length).toBeGreaterThanOrEqual(4);
});

test("a packet that waits for later ones goes when none come", async () => {
  const { frames, receiver, start } = bench();
  const impair = start({ reorder: { pattern: parsePattern("at:9"), by: 4 } });
  frames.send(10);
  expect(await allThatComes(receiver, 10)).toEqual(upTo(10));
  expect(impair.report().relay).toMatchObject({ waitedTooLong: 1, waiting: 0 });
});

test("delay: in their order, and not before their time", async () => {
  const { frames, receiver, start } = bench();
  start({ delay: { pattern: parsePattern("100%"), delayNs: 30e6, jitterNs: 0 } });
  const startMs = performance.now();
  frames.send(500);
  expect(receiver.drain()).toEqual([]);
  const first = await allThatComes(receiver, 1);
  expect(performance.now() - startMs).toBeGreaterThan(30);
  expect([...first, ...(await allThatComes(receiver, 500 - first.length))]).toEqual(upTo(500));
});

test("what is held goes epoch by epoch, and at the end all of it", async () => {
  const { frames, receiver, start } = bench();
  const impair = start({ hold: { limit: 100 } });
  frames.send(10);
  impair.report();
  impair.buffer();
  frames.send(5);
  expect(impair.report().relay).toMatchObject({ waiting: 15, epochs: [10, 5] });
  expect(receiver.drain()).toEqual([]);
  impair.releaseOne();
  expect(await allThatComes(receiver, 10)).toEqual(upTo(10));
  expect(impair.report().relay).toMatchObject({ waiting: 5, epochs: [5] });
  frames.send(120);
  expect(impair.report().relay).toMatchObject({ waiting: 100, overflow: 25 });
  const report = impair.close();
  expect(report.relay).toMatchObject({ sent: 110, waiting: 0 });
  expect(await allThatComes(receiver, 100)).toEqual(Array.from({ length: 100 }, (_, at) => at + 10));
});

test("what a look at the counts takes out of the ring goes on all the same", async () => {
  const { frames, receiver, start } = bench();
  const impair = start({ hold: { limit: 100 } });
  impair.releaseAll();
  frames.send(1);
  // In the same turn: nobody else has read the ring.
  expect(impair.report()).toMatchObject({ matched: 1, relay: { sent: 1, waiting: 0 } });
  expect(await allThatComes(receiver, 1)).toHaveLength(1);
});

test("an interface that goes takes with it what waits, and says so", async () => {
  const { pair, frames, start } = bench();
  const impair = start({ hold: { limit: 100 } });
  frames.send(5);
  expect(impair.report().relay).toMatchObject({ waiting: 5 });
  pair.east.run("ip", "link", "del", "east");
  expect(impair.close()).toMatchObject({ matched: 5, relay: { sent: 0, failed: 5, waiting: 0 } });
});

test("what the device sends can be harmed, too", async () => {
  const { pair, receiver, start } = bench();
  const impair = start(
    { loss: parsePattern("every:2"), match: { ...nothing.match, protocol: 1, port: null, marked: false } },
    { device: "west", netns: `/proc/self/fd/${pair.west.netns.fd}`, direction: "egress" },
  );
  expect(pair.west.ping(10)).toBe(5);
  expect(impair.report()).toMatchObject({ hook: "tc", matched: 10, loss: { packets: 5 } });
  expect(receiver.drain()).toEqual([]);
});

test.each<[name: string, rules: Partial<ImpairRules>, hook: "tc" | "xdp"]>([
  [
    "segments that wait unfinished",
    { delay: { pattern: parsePattern("every:2"), delayNs: 1e6, jitterNs: 0 }, duplicate: parsePattern("5%") },
    "tc",
  ],
  ["segments that are lost at XDP", { loss: parsePattern("every:500") }, "xdp"],
])("TCP with its offloads goes on: %s", { timeout: 20_000 }, async (_name, rules, hook) => {
  const { pair, start } = bench();
  const impair = start({ match: { ...nothing.match, protocol: 6, port: null, marked: false }, ...rules }, { hook });
  const server = await startTcpServer(pair.west.netns, { address: "10.77.0.1" });
  onTestFinished(() => void server.stop());
  const bytes = 1 << 20;
  const target = { address: "10.77.0.1", port: server.ready.port, bytes };
  const client = await startTcpDownload(pair.east.netns, target);
  expect(await client.finished).toMatchObject({ receivedBytes: bytes });
  expect(readNetCounters(pair.east.netns).get("TcpInCsumErrors")).toBe(0);
  expect(impair.close()).toMatchObject({ hook, notHeld: 0, [hook === "tc" ? "delay" : "loss"]: { complete: true } });
});

test.each([
  [{}, {}, "nothing to do"],
  [{ hold: { limit: 1 }, delay: { pattern: parsePattern("1%"), delayNs: 1, jitterNs: 0 } }, {}, "let go by hand"],
  [{ duplicate: parsePattern("1%") }, { hook: "xdp" }, "XDP"],
  [{ loss: parsePattern("1%") }, { device: "nowhere" }, "nowhere"],
] as const)("refused: %o at %o", (rules, place, message) => {
  const { pair, start } = bench();
  expect(() => start(rules, place)).toThrow(message);
  expect(pair.east.run("sh", "-c", "ip -d link show east | grep -c prog/xdp || true").trim()).toBe("0");
});
