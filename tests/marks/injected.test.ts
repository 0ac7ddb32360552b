/** What `impair` does to packets, `marks` finds: the same packets, at 200,000 a second. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../src/bpf/fixtures/veth.ts";
import { followLive } from "../../src/follow/marks/live-marks.ts";
import { MarkFollower } from "../../src/follow/marks/mark-follower.ts";
import { marksReport, type StreamReport } from "../../src/follow/marks/report.ts";
import { parsePattern, startImpair, type ImpairReport, type ImpairRules } from "../../src/lab/index.ts";
import { setFeatures } from "../../src/linux/ethtool.ts";
import { linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { MARKED_PORT, openMarkedFrames } from "../support/marked-frames.ts";

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
