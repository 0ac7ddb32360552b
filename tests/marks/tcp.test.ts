/**
 * TCP through a marking interface, its sender moved from CPU to CPU, and losses and duplicates by plan: which were lost, which the
 * network doubled, and which TCP sent again, as the kernel counts it.
 */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { once } from "node:events";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../src/bpf/fixtures/veth.ts";
import { followLive } from "../../src/follow/marks/live-marks.ts";
import { MarkFollower } from "../../src/follow/marks/mark-follower.ts";
import type { MarkedPacket } from "../../src/follow/marks/marked-packet.ts";
import { marksReport, type FlowReport } from "../../src/follow/marks/report.ts";
import { parsePattern, startImpair } from "../../src/lab/index.ts";
import { spawnInNetns } from "../../src/lab/exec.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { addPval, deletePval } from "../../src/mark/pval/control.ts";
import { readNetCounters } from "../../src/linux/net-counters.ts";

const cpus = Math.min(2, availableParallelism());
const runProgram = promisify(execFile);

interface Segment {
  readonly end: number;
  readonly flow: string;
  hasArrived: boolean;
}

/** Keeps every segment in the order in which it was sent: what can be known. */
class Recording extends MarkFollower {
  readonly segments = new Map<string, Segment>();

  override send(packet: MarkedPacket, timeNs: number): void {
    const end = (packet.tcpSeq + packet.tcpLength) >>> 0;
    if (packet.tcpLength > 0) this.segments.set(markOf(packet), { end, flow: packet.flow.join(), hasArrived: false });
    super.send(packet, timeNs);
  }

  override receive(packet: MarkedPacket, timeNs: number): void {
    const segment = this.segments.get(markOf(packet));
    if (segment !== undefined) segment.hasArrived = true;
    super.receive(packet, timeNs);
  }

  /** Segments that had been sent before, by an earlier one that reached as far. */
  sentAgain(segments = [...this.segments.values()]): number {
    const reached = new Map<string, number>();
    return segments.filter(({ end, flow }) => {
      const before = reached.get(flow);
      const isAgain = before !== undefined && ((end - before) | 0) <= 0;
      if (!isAgain) reached.set(flow, end);
      return isAgain;
    }).length;
  }
}

const markOf = ({ cpu, seq }: MarkedPacket): string => `${cpu} ${seq}`;
const sentAgainOf = (flows: readonly FlowReport[]): { count: number; unknown: number } => ({
  count: flows.reduce((sum, { retransmitted }) => sum + retransmitted, 0),
  unknown: flows.reduce((sum, { retransmittedUnknown }) => sum + retransmittedUnknown, 0),
});

/** Bytes that go from one to the other: the sender writes when it is told, and ends behind that. Returns how many came. */
const transfer = async (
  from: Netns,
  to: Netns,
  chunkBytes: number,
  drive: (write: () => void, pid: number) => Promise<void>,
): Promise<number> => {
  const address = `${PORT}, "10.77.0.1"`;
  const sender = spawnInNetns(
    from,
    process.execPath,
    [
      "-e",
      `require("node:net").createServer((peer) => {
        process.stdin.on("data", (words) => peer.write(Buffer.alloc(${chunkBytes} * words.length)));
        process.stdin.on("end", () => peer.end());
        peer.on("close", () => process.exit());
      }).listen(${address}, () => console.log("listens"))`,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  onTestFinished(() => void sender.kill("SIGKILL"));
  await once(sender.stdout ?? sender, "data");
  const receiver = spawnInNetns(
    to,
    process.execPath,
    [
      "-e",
      `let bytes = 0;
      require("node:net").connect(${address})
        .on("data", (data) => (bytes += data.length))
        .on("end", () => console.log(bytes))`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => void receiver.kill("SIGKILL"));
  const said = once(receiver.stdout ?? receiver, "data");
  const ended = once(sender, "close");
  await drive(() => sender.stdin?.write("."), sender.pid ?? 0);
  sender.stdin?.end();
  const [bytes] = (await said) as [Buffer];
  await ended;
  return Number(bytes.toString());
};

const PORT = 5001;

test(
  "what TCP sends again is told from what the network doubles, on whatever CPU it is sent",
  { timeout: 30_000 },
  async () => {
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
        reorder: { pattern: parsePattern("every:100+70"), by: 3 },
        delay: null,
        hold: null,
      },
    );
    onTestFinished(() => void impair.close());
    const receiver = { ...place, direction: "ingress" } as const;
    const both = new Recording({ by: "mac", withSender: true });
    const liveBoth = followLive(both, receiver, { device: "west", netns: westNetns, direction: "egress" });
    onTestFinished(() => void liveBoth.close());
    const alone = new MarkFollower({ by: "mac" });
    const liveAlone = followLive(alone, receiver);
    onTestFinished(() => void liveAlone.close());

    // Fewer segments than are remembered: one that is held back for long can be told for what it is.
    const [chunk, chunks] = [1 << 17, 16];
    const received = await transfer(west.netns, east.netns, chunk, async (write, pid) => {
      for (let turn = 0; turn < chunks; turn++) {
        await runProgram("taskset", ["-a", "-p", "-c", String(turn % cpus), String(pid)]);
        write();
      }
    });
    expect(received).toBe(chunk * chunks);
    const harmed = impair.close();
    expect(liveBoth.close()).toMatchObject({ lost: 0 });
    expect(liveAlone.close()).toMatchObject({ lost: 0 });

    const fromBoth = marksReport(both, "mac");
    expect(new Set(fromBoth.streams.map(({ cpu }) => cpu)).size).toBe(cpus);
    expect(harmed.loss.packets).toBeGreaterThan(10);
    expect(harmed).toMatchObject({ unlisted: 0, notCopied: 0, notHeld: 0 });
    for (const { cpu, lostSeqs, duplicatedSeqs } of fromBoth.streams) {
      const listOf = (harm: "loss" | "duplicate") => harmed[harm].marks.find((marks) => marks.cpu === cpu)?.seqs ?? [];
      expect(duplicatedSeqs).toEqual(listOf("duplicate"));
      expect(lostSeqs).toEqual(listOf("loss"));
    }
    expect(fromBoth.flows.reduce((sum, flow) => sum + flow.duplicated, 0)).toBe(harmed.duplicate.packets);

    const counters = readNetCounters(west.netns);
    expect(sentAgainOf(fromBoth.flows)).toEqual({ count: counters.get("TcpRetransSegs"), unknown: 0 });
    expect(both.sentAgain()).toBe(counters.get("TcpRetransSegs"));
    // The receiver alone tells those that came after something that reached as far.
    const arrived = [...both.segments.values()].filter(({ hasArrived }) => hasArrived);
    expect(sentAgainOf(marksReport(alone, "mac").flows)).toEqual({ count: both.sentAgain(arrived), unknown: 0 });
    expect(both.sentAgain(arrived)).toBeGreaterThan(5);
    expect(readNetCounters(east.netns).get("TcpInCsumErrors")).toBe(0);
  },
);
