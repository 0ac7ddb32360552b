import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { markedDatagram, openMarkedFrames } from "../../../tests/support/marked-frames.ts";
import { nanosecondPcap } from "../../../tests/support/nanosecond-pcap.ts";
import { vethPair } from "../../bpf/fixtures/veth.ts";
import { setFeatures } from "../../linux/ethtool.ts";
import { linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { runHopmark, startHopmark } from "../fixtures/program.ts";
import { styleFor } from "../framework/style.ts";
import { RecentSteps } from "../../follow/marks/recent-steps.ts";
import { renderMarks } from "./marks-screen.ts";
import type { MarksSummary } from "./marks-text.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-marks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const capture = (name: string, packets: readonly (readonly [seq: number, microseconds: number])[]): string => {
  const path = join(folder, name);
  const frames = packets.map(([seq, microseconds]) => ({
    seconds: 1_800_000_000 + Math.floor(microseconds / 1e6),
    nanoseconds: (microseconds % 1e6) * 1000,
    bytes: markedDatagram({ toMac: "02:00:00:00:00:02", source: "10.0.0.1", destination: "10.0.0.2" }, 1, BigInt(seq)),
  }));
  writeFileSync(path, nanosecondPcap(frames));
  return path;
};

const sent = capture(
  "sent.pcap",
  Array.from({ length: 10 }, (_, seq) => [seq, seq * 100] as const),
);
const received = capture("received.pcap", [
  [0, 50],
  [1, 150],
  [3, 350],
  [2, 360],
  [3, 370],
  [7, 780],
]);

const lastObject = (stdout: string): MarksSummary =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as MarksSummary;

test("one capture: gaps between what came", async () => {
  const { status, stdout } = await runHopmark(["marks", "-r", received, "--json"]);
  expect(status).toBe(0);
  expect(lastObject(stdout)).toMatchObject({
    type: "marks",
    captures: [{ packets: 6, marked: 6, remark: null, resolutionNs: 1 }],
    clock: null,
    streams: [
      {
        device: "02:00:00:00:00:77",
        cpu: 1,
        sent: 8,
        received: 5,
        lost: 3,
        lostSeqs: [[4, 6]],
        duplicated: 1,
        duplicatedSeqs: [[3, 3]],
        reordered: 1,
        reorderedSeqs: [[2, 2]],
        extent: { median: 1, max: 1 },
        lateTimeNs: { max: 10_000 },
        delay: null,
      },
    ],
    flows: [
      { protocol: 17, source: "10.0.0.1", sourcePort: 7, destinationPort: 9, received: 5, sent: null, lost: null },
    ],
  });
});

test("a capture that is cut: what there is, a note, and status 1", async () => {
  const cut = join(folder, "cut.pcap");
  writeFileSync(cut, readFileSync(received).subarray(0, -3));
  const { status, stdout, stderr } = await runHopmark(["marks", "-r", cut, "--json"]);
  expect(status).toBe(1);
  expect(lastObject(stdout)).toMatchObject({ captures: [{ packets: 5 }] });
  expect(stderr).toMatch(/cut\.pcap cut at byte \d+: the last packet is not whole; 5 packets are read/);
});

test("two captures: what was lost, at the end too, and each one's delay", async () => {
  const words = ["marks", "-r", received, "--sent", sent, "--clock-error", "20us"];
  const { status, stdout } = await runHopmark([...words, "--each", "--json"]);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.slice(0, -1).map((line) => JSON.parse(line) as object)).toEqual(
    [
      [0, 50],
      [1, 50],
      [3, 50],
      [2, 160],
      [7, 80],
    ].map(([seq = 0, us = 0]) => ({
      type: "packet",
      device: "10.0.0.1",
      cpu: 1,
      seq,
      sentNs: String(1_800_000_000_000_000_000n + BigInt(seq) * 100_000n),
      delayNs: us * 1000,
    })),
  );
  expect(lastObject(stdout)).toMatchObject({
    clock: { sameClock: false, errorNs: 20_000, resolutionNs: 1 },
    streams: [
      {
        sent: 10,
        received: 5,
        lost: 5,
        lostSeqs: [
          [4, 6],
          [8, 9],
        ],
        delay: { packets: 5, minNs: 50_000, maxNs: 160_000, p50Ns: 50_000 },
      },
    ],
    flows: [{ sent: 10, lost: 5 }],
  });
  const text = (await runHopmark(words)).stdout;
  expect(text).toContain("10.0.0.1 cpu 1 lost: 4-6 8-9");
  expect(text).toMatch(/± 20 µs, as far as the clocks may differ/);
});

describe("refused", () => {
  test.each<[words: string[], message: string]>([
    [[], "marks of what"],
    [["eth0", "-r", received], "marks of what"],
    [["-r", received, "--seconds", "1"], "--seconds"],
    [["-r", received, "--each"], "one end alone"],
    [["-r", received, "--clock-error", "1us"], "--sent"],
    [["-r", join(folder, "nowhere.pcap")], "nowhere.pcap"],
    [["-r", "-", "--sent", "-"], "both captures from standard input"],
    [["lo", "--from", "nosuch", "--from-netns", `/proc/${process.pid}/ns/net`], "no interface nosuch in /proc/"],
  ])("marks %j", async (words, message) => {
    const { status, stderr } = await runHopmark(["marks", ...words]);
    expect([status, stderr.includes(message)]).toEqual([2, true]);
  });
});

test("live, at both ends", { timeout: 30_000 }, async () => {
  const { west, east } = vethPair();
  const route = openRtnetlink(east.netns);
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
  const netns = (end: typeof west): string => `/proc/${process.pid}/fd/${end.netns.fd}`;
  const running = startHopmark(["marks", "east", "--netns", netns(east), "--json"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  await running.lines(1);
  frames.send(500);
  frames.next += 3n;
  frames.send(500);
  // The first report after that.
  await running.lines(2);
  running.child.kill("SIGINT");
  const { status, stdout } = await running.ended;
  expect(status).toBe(0);
  expect(lastObject(stdout)).toMatchObject({
    type: "marks",
    live: { seen: 1000, read: 1000, lost: 0 },
    streams: [{ sent: 1003, received: 1000, lostSeqs: [[500, 502]] }],
  });
});

test("an interface that disappears ends it, with what came and status 1", async () => {
  const { east, west } = vethPair();
  const running = startHopmark(["marks", "east", "--netns", `/proc/${process.pid}/fd/${east.netns.fd}`]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  await running.says(/Ctrl-C ends/);
  execFileSync("ip", ["-n", west.netns.label, "link", "delete", "west"]);
  const { status, stdout, stderr } = await running.ended;
  expect({ status, stdout, stderr: stderr.split("\n").slice(1) }).toEqual({
    status: 1,
    stdout: "no marked packet came\n",
    stderr: ["hopmark: the interface east disappeared", ""],
  });
});

test("the picture fits its screen", () => {
  const summary: MarksSummary = {
    type: "marks",
    captures: null,
    live: { seen: 12_345, read: 12_345, lost: 0 },
    clock: { sameClock: true, errorNs: 0, resolutionNs: 1 },
    devicesBy: "mac",
    streams: [
      {
        device: "02:00:00:00:00:01",
        cpu: 0,
        sent: 1003,
        received: 1000,
        lost: 3,
        lostSeqs: [[500, 502]],
        duplicated: 2,
        duplicatedSeqs: [[1, 2]],
        reordered: 1,
        reorderedSeqs: [[7, 7]],
        extent: { median: 4, max: 4 },
        lateTimeNs: null,
        late: 0,
        restarts: 0,
        generations: null,
        fragments: null,
        complete: true,
        delay: null,
        notSent: null,
        untimed: null,
      },
    ],
    flows: [],
    flowCount: 0,
    streamsFull: 0,
    flowsFull: 0,
    timeline: { stepNs: 1e9, received: [400, 300, 300], lost: [0, 3, 0], meanDelayNs: [1000, 2000, null] },
  };
  const recent = new RecentSteps();
  for (const [step, [received, lost, delay]] of [
    [400, 0, 1000],
    [300, 3, 2000],
    [300, 0, 4000],
  ].entries()) {
    const at = recent.at(step * recent.stepNs);
    recent.received[at] = received!;
    recent.lost[at] = lost!;
    recent.delayCounts[at] = received!;
    recent.delaySums[at] = received! * delay!;
  }
  const draw = (width: number, height: number): string[] =>
    renderMarks(
      { title: "marks at east", hidden: null },
      3000,
      summary,
      recent,
      { width, height },
      styleFor(false, {}),
    );
  expect(draw(80, 20)).toMatchInlineSnapshot(`
    [
      "  marks at east  3.0 s  12,345 packets",
      "  Ctrl-C ends",
      "",
      "                            sent  received  lost  % lost  doubled  reordered",
      "  02:00:00:00:00:01 cpu 0  1,003     1,000     3   0.3 %        2          1",
      "",
      "  lost     0.99 % ┤                                                           █ ",
      "                  ┤                                                           █ ",
      "                  ┤                                                           █ ",
      "                  ┤                                                           █ ",
      "              0 % ┤                                                          ·█·",
      "  delay      4 µs ┤                                                            █",
      "                  ┤                                                            █",
      "                  ┤                                                           ▄█",
      "                  ┤                                                          ▂██",
      "             0 ns ┤                                                          ███",
      "                  └─────────────────────────────────────────────────────────────",
      "                   -31 s                                                     now",
      "",
    ]
  `);
  expect(draw(40, 10)).toMatchInlineSnapshot(`
    [
      "  marks at east  3.0 s  12,345 packets",
      "  Ctrl-C ends",
      "",
      "                            sent  receiv",
      "  02:00:00:00:00:01 cpu 0  1,003     1,0",
      "",
      "  lost     0.99 % ┤                  ·█·",
      "  delay      4 µs ┤                  ▂▄█",
      "                  └─────────────────────",
      "                   -11 s             now",
    ]
  `);
  for (const [width, height] of [
    [200, 60],
    [20, 4],
    [1, 1],
  ] as const) {
    const lines = draw(width, height);
    expect(lines.length).toBeLessThanOrEqual(height);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});
