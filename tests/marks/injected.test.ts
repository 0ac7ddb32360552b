/** What `impair` does to packets, `marks` finds: the same packets, at 200,000 a second. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../src/bpf/fixtures/veth.ts";
import { followLive } from "../../src/follow/marks/live-marks.ts";
import { MarkFollower } from "../../src/follow/marks/mark-follower.ts";
import { marksReport, type StreamReport } from "../../src/follow/marks/report.ts";
import { parsePattern, startImpair, type ImpairReport, type ImpairRules } from "../../src/lab/index.ts";
import { setFeatures } from "../../src/linux/ethtool.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { MARKED_PORT, markedDatagram, openMarkedFrames } from "../support/marked-frames.ts";

const RATE = 200_000;
/** At once, as fast as the kernel takes them; the pauses between make the rate, where the machine has the time. */
const BATCH = 10_000;

const rules: ImpairRules = {
  seed: 99n,
  match: { family: "ipv4", protocol: 17, port: MARKED_PORT, marked: true },
  loss: null,
  duplicate: null,
  reorder: null,
  delay: null,
  hold: null,
};

interface Outcome {
  readonly harmed: ImpairReport;
  readonly stream: StreamReport;
}

const run = async (harm: Partial<ImpairRules>, packets: number): Promise<Outcome> => {
  const { west, east } = vethPair();
  const route = openRtnetlink(east.netns);
  setFeatures(route, "east", { "rx-gro": true });
  const { mac } = linkByName(route, "east");
  route.close();
  const place = { device: "east", netns: `/proc/self/fd/${east.netns.fd}` };
  const frames = openMarkedFrames({
    netns: west.netns,
    ifindex: west.ifindex,
    toMac: mac,
    source: "10.77.0.1",
    destination: "10.77.0.2",
  });
  onTestFinished(() => frames.close());
  const impair = startImpair({ ...place, hook: "tc" }, { ...rules, ...harm });
  onTestFinished(() => void impair.close());
  const follower = new MarkFollower({ by: "mac" });
  const live = followLive(follower, { ...place, direction: "ingress" });
  onTestFinished(() => void live.close());
  const startMs = performance.now();
  for (let sent = 0; sent < packets; sent += BATCH) {
    frames.send(BATCH);
    const aheadMs = ((sent + BATCH) / RATE) * 1000 - (performance.now() - startMs);
    await delay(Math.max(0, aheadMs));
  }
  await delay(300);
  const harmed = impair.close();
  await delay(50);
  const counts = live.close();
  expect(counts).toMatchObject({ lost: 0, read: counts.seen });
  const { streams } = marksReport(follower, "mac");
  expect(streams).toHaveLength(1);
  return { harmed, stream: streams[0]! };
};

const PACKETS = 60_000;

test("loss, duplicates and reordering", { timeout: 30_000 }, async () => {
  const { harmed, stream } = await run(
    {
      loss: parsePattern("1%x3"),
      duplicate: parsePattern("every:500+7"),
      reorder: { pattern: parsePattern("every:1000+100"), by: 20 },
    },
    PACKETS,
  );
  expect(harmed).toMatchObject({ matched: PACKETS, unlisted: 0, notCopied: 0, notHeld: 0 });
  const [lost, doubled, reordered] = [harmed.loss, harmed.duplicate, harmed.reorder];
  expect(stream.lostSeqs).toEqual(lost.marks[0]?.seqs);
  expect(stream.duplicatedSeqs).toEqual(doubled.marks[0]?.seqs);
  expect(stream.reorderedSeqs).toEqual(reordered.marks[0]?.seqs);
  expect(stream).toMatchObject({
    cpu: 0,
    sent: PACKETS,
    received: PACKETS - lost.packets,
    lost: lost.packets,
    duplicated: doubled.packets,
    reordered: reordered.packets,
    complete: true,
  });
  expect(lost.packets).toBeGreaterThan(300);
  expect(reordered.packets).toBeGreaterThan(50);
  expect(stream.extent?.max).toBeGreaterThanOrEqual(20);
});

test("seen at both ends: the last packet that was lost, too, and how long each took", async () => {
  const { west, east } = vethPair();
  const route = openRtnetlink(east.netns);
  const { mac } = linkByName(route, "east");
  route.close();
  const delayed = { pattern: parsePattern("every:10"), delayNs: 30e6, jitterNs: 0 };
  const receiver = { device: "east", netns: `/proc/self/fd/${east.netns.fd}`, direction: "ingress" } as const;
  const impair = startImpair(receiver, { ...rules, loss: parsePattern("at:3,98-99"), delay: delayed });
  onTestFinished(() => void impair.close());
  const delays: number[] = [];
  const follower = new MarkFollower({
    by: "source",
    withSender: true,
    onDelay: (_stream, seq, _sentNs, delayNs) => void (delays[seq] = delayNs),
  });
  const sender = { device: "west", netns: `/proc/self/fd/${west.netns.fd}`, direction: "egress" } as const;
  const live = followLive(follower, receiver, sender);
  onTestFinished(() => void live.close());
  const socket = new PacketSocket(west.netns, west.ifindex, { protocol: 0 });
  onTestFinished(() => socket.close());
  const frame = { toMac: mac, source: "10.77.0.1", destination: "10.77.0.2" };
  for (let seq = 0; seq < 100; seq++) socket.send(markedDatagram(frame, 2, BigInt(seq)));
  const limit = performance.now() + 5000;
  while (live.counts().seen < 197 && performance.now() < limit) await delay(5);
  live.close();
  expect(marksReport(follower, "source").streams).toMatchObject([
    {
      device: "10.77.0.1",
      cpu: 2,
      sent: 100,
      received: 97,
      lostSeqs: [
        [3, 3],
        [98, 99],
      ],
      duplicated: 0,
      delay: { packets: 97 },
      notSent: 0,
    },
  ]);
  for (let seq = 0; seq < 98; seq++)
    if (seq !== 3) expect([seq, delays[seq]! >= (seq % 10 === 0 ? 30e6 : 0)]).toEqual([seq, true]);
  const others = delays.filter((_, seq) => seq % 10 !== 0).sort((one, other) => one - other);
  expect(others[others.length >> 1]).toBeLessThan(30e6);
});
