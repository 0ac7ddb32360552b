/** Two captures side by side: no more is kept than what is on its way. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { markedDatagram } from "../../../tests/support/marked-frames.ts";
import { nanosecondPcap } from "../../../tests/support/nanosecond-pcap.ts";
import { openCapture } from "../capture/open-capture.ts";
import { followCaptures } from "./follow-capture.ts";
import { MarkFollower } from "./mark-follower.ts";
import { marksReport } from "./report.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-captures-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PACKETS = 30_000;
const MOST = 8192;
const US = 1000;
const isLost = (seq: number): boolean => seq % 1000 === 7;

/** Packets of one capture, as number and time in µs. */
const write = (name: string, cpu: number, packets: readonly (readonly [seq: number, us: number])[]): string => {
  const path = join(folder, name);
  const frame = markedDatagram({ toMac: "02:00:00:00:00:02", source: "10.0.0.1", destination: "10.0.0.2" }, cpu);
  const frames = packets.map(([seq, us]) => {
    const bytes = frame.slice();
    new DataView(bytes.buffer).setBigUint64(14 + 20 + 4, BigInt(seq), true);
    return { seconds: 1_800_000_000 + Math.floor(us / 1e6), nanoseconds: (us % 1e6) * US, bytes };
  });
  writeFileSync(path, nanosecondPcap(frames));
  return path;
};

const follow = async (sent: string, received: string, mostSent: number) => {
  const follower = new MarkFollower({ by: "source", withSender: true, mostSent });
  using sender = await openCapture(sent);
  using receiver = await openCapture(received);
  const facts = await followCaptures(sender, receiver, follower);
  return { facts, report: marksReport(follower, "source") };
};

test("captures longer than what may be on its way", async () => {
  const numbers = Array.from({ length: PACKETS }, (_, seq) => seq);
  const sent = write(
    "sent.pcap",
    0,
    numbers.map((seq) => [seq, seq * 10] as const),
  );
  const received = write(
    "received.pcap",
    0,
    numbers.filter((seq) => !isLost(seq)).map((seq) => [seq, seq * 10 + 25] as const),
  );
  const { facts, report } = await follow(sent, received, MOST);
  expect(facts).toMatchObject([{ packets: PACKETS }, { packets: PACKETS - PACKETS / 1000 }]);
  expect(report.streams).toMatchObject([
    {
      sent: PACKETS,
      lost: PACKETS / 1000,
      lostSeqs: numbers.filter(isLost).map((seq) => [seq, seq]),
      notSent: 0,
      untimed: 0,
      complete: true,
      delay: { packets: PACKETS - PACKETS / 1000, minNs: 25 * US, maxNs: 25 * US },
    },
  ]);
});

test("what is longer on its way has no delay, and is not lost", async () => {
  const numbers = Array.from({ length: 3 * MOST }, (_, seq) => seq);
  const sent = write(
    "burst.pcap",
    1,
    numbers.map((seq) => [seq, seq] as const),
  );
  // The first comes last of all.
  const received = write("late.pcap", 1, [...numbers.slice(1).map((seq) => [seq, seq] as const), [0, 60_000] as const]);
  const { report } = await follow(sent, received, MOST);
  expect(report.streams).toMatchObject([
    { sent: 3 * MOST, lost: 0, lostSeqs: [], untimed: 1, notSent: 0, delay: { packets: 3 * MOST - 1 } },
  ]);
});

test("a receiver that sees devices which the sender's capture does not", async () => {
  const sent = write("one.pcap", 0, [
    [0, 0],
    [1, 10],
  ]);
  const received = write("other.pcap", 3, [
    [5, 5],
    [6, 15],
  ]);
  const { report } = await follow(sent, received, MOST);
  expect(report.streams).toMatchObject([
    { cpu: 0, sent: 2, lost: 2 },
    { cpu: 3, sent: 0, received: 2, notSent: 2 },
  ]);
});
