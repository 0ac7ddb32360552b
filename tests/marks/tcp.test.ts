/** TCP through a pval device and losses by plan: what was lost, and that what TCP sent again is no duplicate. */
import { expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../src/bpf/fixtures/veth.ts";
import { followLive } from "../../src/follow/marks/live-marks.ts";
import { MarkFollower } from "../../src/follow/marks/mark-follower.ts";
import { marksReport } from "../../src/follow/marks/report.ts";
import { parsePattern, startImpair, startTcpDownload, startTcpServer } from "../../src/lab/index.ts";
import { addPval, deletePval } from "../../src/mark/pval/control.ts";
import { readNetCounters } from "../support/net-counters.ts";

test("what TCP sends again has a new mark", { timeout: 30_000 }, async () => {
  const { west, east } = vethPair();
  const westNetns = `/proc/self/fd/${west.netns.fd}`;
  addPval({ name: undefined, link: "west", options: { ipopt: true }, inPlace: true }, westNetns);
  onTestFinished(() => deletePval("west", westNetns));
  const place = { device: "east", netns: `/proc/self/fd/${east.netns.fd}` };
  const impair = startImpair(
    { ...place, hook: "tc" },
    {
      seed: 1n,
      match: { family: "ipv4", protocol: 6, port: null, marked: true },
      loss: parsePattern("every:100+50"),
      duplicate: parsePattern("every:100+10"),
      reorder: null,
      delay: null,
      hold: null,
    },
  );
  onTestFinished(() => void impair.close());
  const follower = new MarkFollower({ by: "mac" });
  const live = followLive(follower, { ...place, direction: "ingress" });
  onTestFinished(() => void live.close());
  const server = await startTcpServer(west.netns, { address: "10.77.0.1" });
  onTestFinished(() => void server.stop());
  const bytes = 2 << 20;
  const client = await startTcpDownload(east.netns, { address: "10.77.0.1", port: server.ready.port, bytes });
  expect(await client.finished).toMatchObject({ receivedBytes: bytes });
  const harmed = impair.close();
  expect(live.close()).toMatchObject({ lost: 0 });
  const { streams, flows } = marksReport(follower, "mac");
  expect(harmed.loss.packets).toBeGreaterThan(5);
  expect(harmed).toMatchObject({ unlisted: 0, notCopied: 0 });
  for (const { cpu, lostSeqs, duplicatedSeqs } of streams) {
    const listOf = (harm: "loss" | "duplicate") => harmed[harm].marks.find((marks) => marks.cpu === cpu)?.seqs ?? [];
    expect(duplicatedSeqs).toEqual(listOf("duplicate"));
    const lost = listOf("loss");
    // What was lost before the first that came, or behind the last, no gap tells.
    expect(lost).toEqual(expect.arrayContaining(lostSeqs));
    expect(lost.length - lostSeqs.length).toBeLessThan(3);
  }
  const duplicated = flows.reduce((sum, flow) => sum + flow.duplicated, 0);
  expect(duplicated).toBe(harmed.duplicate.packets);
  const again = flows.reduce((sum, flow) => sum + flow.retransmitted, 0);
  // Of several CPUs' marks nobody knows which was first: what another CPU's segment has overtaken counts as well.
  expect(again).toBeGreaterThan(0);
  if (streams.length === 1) expect(again).toBeLessThanOrEqual(readNetCounters(west.netns).get("TcpRetransSegs") ?? 0);
  expect(readNetCounters(east.netns).get("TcpInCsumErrors")).toBe(0);
});
