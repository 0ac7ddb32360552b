/**
 * Capturing live: what is lost, and CPU time a packet of the whole process, against tcpdump -w with as much room in the kernel. The
 * kernel's own part is done where packets arrive, on the generators' CPUs, and is the same for all. Those limit the rate: 1.4 million
 * packets a second are asked for, and where making one, its way through the veth pair and its copy into the ring take too long for
 * one CPU and what the reader leaves of the other, as many are sent as they can. `packets/s` says how many that were. Of ns of CPU a
 * packet, on a busy machine: frame 70, program 45, redirection 100, from veth to where packets end 400, filter and packet socket 70,
 * copy into the ring 250, whoever reads it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { labDown, labUp, openNode, pair } from "../../src/lab/index.ts";
import { setOffloads } from "../../src/linux/ethtool.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { encodePacket, ipv4, mac } from "../../src/wire/index.ts";
import { pinToOneCpu } from "../../tests/fuzz/pin-cpu.ts";
import { startReader, type Captured, type Reader } from "../capture/reader.ts";
import { indexOf } from "../ioam/forwarding.ts";
import { FramesFromTwo } from "../live/frames-from-two.ts";
import { end, FLOWS, take } from "../live/generator.bpf.ts";
import { until } from "../live-command.ts";
import { median, rowOf, type Area, type Row } from "../row.ts";

const CPUS = 2;
const READER_CPU = 1;
const FRAME_BYTES = 64;
const RATE = 1_400_000;
const SECONDS = 1.5;
const WARM_UP_SECONDS = 0.5;
const ROUNDS = 5;
/** Room for packets in the kernel, for all of them: what hopmark has by default. */
const BUFFER_KIB = 16_384;
/** A block that is not full is handed to tcpdump after a second. */
const SETTLE_MS = 1300;
/** What a reader that waits takes between two looks; several of them, as others may have the CPU. */
const IDLE_NS = 3e6;
const IDLE_LOOKS = 4;

interface Contestant {
  readonly name: string;
  /** What it writes into is told to it. */
  readonly command: (file: string) => readonly string[];
  /** Throws when it did something else than it should have. */
  readonly check: (captured: Captured, file: string) => void;
}

interface Measured {
  /** A packet that was sent. */
  readonly cpuNs: number;
  readonly lost: number;
  readonly perSecond: number;
}

const hopmark = (...words: readonly string[]): readonly string[] => [
  process.execPath,
  "bin/hopmark.js",
  "dump",
  "-i",
  "h_right",
  "-B",
  String(BUFFER_KIB),
  ...words,
  "udp",
];
const tcpdump = (...words: readonly string[]): readonly string[] => [
  "tcpdump",
  "-n",
  "-i",
  "h_right",
  "-B",
  String(BUFFER_KIB),
  ...words,
  "udp",
];

const writes = ({ read }: Captured, file: string): void => {
  const text = execFileSync("capinfos", ["-Mc", file], { encoding: "utf8" });
  const found = Number(/Number of packets:\s+(\d+)/.exec(text)?.[1]);
  if (found !== read) throw new Error(`${file} has ${found} packets of ${read}`);
};

const counts = ({ read, text }: Captured): void => {
  const said = JSON.parse(/^\{.*\}$/m.exec(text)?.[0] ?? "{}") as Readonly<Record<string, number>>;
  if (said["packets"] !== read || said["bytes"] !== read * FRAME_BYTES || said["ports"] !== FLOWS)
    throw new Error(`counted ${JSON.stringify(said)} of ${read}`);
};

const peers: readonly Contestant[] = [
  {
    name: "tcpdump -w",
    command: (file) => tcpdump("-w", `${file}.pcap`),
    check: (all, file) => writes(all, `${file}.pcap`),
  },
  { name: "tcpdump -n", command: () => tcpdump(), check: () => {} },
];

const contestants: readonly (Contestant & { readonly against: number })[] = [
  {
    name: "decoded into counters",
    command: () => [
      process.execPath,
      "--import",
      "./dist/compiler/source/register.js",
      "bench/capture/count.ts",
      "h_right",
      String(BUFFER_KIB),
    ],
    check: counts,
    against: 0,
  },
  {
    name: "dump -w, pcap",
    command: (file) => hopmark("-w", `${file}.pcap`),
    check: (all, file) => writes(all, `${file}.pcap`),
    against: 0,
  },
  {
    name: "dump -w, pcapng",
    command: (file) => hopmark("-w", `${file}.pcapng`),
    check: (all, file) => writes(all, `${file}.pcapng`),
    against: 0,
  },
  {
    name: "dump --fields ip.src,udp.srcport",
    command: () => hopmark("--fields", "ip.src,udp.srcport"),
    check: () => {},
    against: 0,
  },
  { name: "dump, a line a packet", command: () => hopmark(), check: () => {}, against: 1 },
];

export const area: Area = async (report) => {
  const lab = `capture${process.pid}`;
  const owner = processIdentity();
  const { nodes, links } = pair();
  labUp({ nodes, links: links.map((link) => ({ ...link, queues: CPUS })) }, lab, owner === undefined ? {} : { owner });
  const [left, right] = [openNode(lab, "left"), openNode(lab, "right")];
  // Memory: what is measured is no disk.
  const folder = mkdtempSync("/dev/shm/hopmark-bench-");
  const [before, behind] = [load(compile(take)), load(compile(end))];
  const device = { ifindex: indexOf(right, "h_right"), netns: right };
  const attachments = [before.attachXdp(device), behind.attachTc(device, { direction: "ingress" })];
  withoutReceiveOffload(right, "h_right");
  const place = { name: "h_left", index: indexOf(left, "h_left") };
  const generator = await FramesFromTwo.open(
    { lab, node: "left", device: place, frame: frame(), places: { port: 34 } },
    READER_CPU,
  );
  pinToOneCpu(0);
  const measure = async (one: Contestant): Promise<Measured> => {
    const file = join(folder, "packets");
    const first = generator.delivered;
    const reader = await startReader(`${lab}-right`, READER_CPU, one.command(file));
    await generator.run(RATE, WARM_UP_SECONDS);
    await settled(reader);
    const [warm, cpu, start] = [generator.delivered, reader.cpuNs(), performance.now()];
    await generator.run(RATE, SECONDS);
    const elapsed = performance.now() - start;
    await settled(reader);
    const used = reader.cpuNs() - cpu;
    const sent = generator.delivered - warm;
    const captured = await reader.stop();
    const all = generator.delivered - first;
    if (captured.received !== all || captured.read + captured.lost !== all)
      throw new Error(`${one.name}: ${all} packets, ${captured.text}`);
    one.check(captured, file);
    rmSync(folder, { recursive: true });
    execFileSync("mkdir", [folder]);
    return { cpuNs: used / sent, lost: captured.lost / all, perSecond: (sent * 1000) / elapsed };
  };
  try {
    const all: readonly Contestant[] = [...peers, ...contestants];
    const rounds: (readonly Measured[])[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const row: Measured[] = [];
      for (const one of all) row.push(await measure(one));
      rounds.push(row);
    }
    for (const [index, one] of contestants.entries()) report(rowFor(one, index + peers.length, rounds));
  } finally {
    await generator.close();
    for (const one of [...attachments, before, behind]) one.close();
    left.close();
    right.close();
    labDown(lab);
    rmSync(folder, { recursive: true, force: true });
  }
};

const withoutReceiveOffload = (netns: Netns, device: string): void => {
  const route = openRtnetlink(netns);
  try {
    setOffloads(route, device, { gro: false });
  } finally {
    route.close();
  }
};

/** When it has read what is in its ring. */
const settled = async (reader: Reader): Promise<void> => {
  await sleep(SETTLE_MS);
  let last = reader.cpuNs();
  let idle = 0;
  await until(() => {
    const now = reader.cpuNs();
    idle = now - last < IDLE_NS ? idle + 1 : 0;
    last = now;
    return idle === IDLE_LOOKS;
  });
};

const rowFor = (
  { name, against }: (typeof contestants)[number],
  index: number,
  rounds: readonly (readonly Measured[])[],
): Row => {
  const of = (which: number, value: (one: Measured) => number): number[] => rounds.map((round) => value(round[which]!));
  const [own, peer] = [of(index, ({ cpuNs }) => cpuNs), of(against, ({ cpuNs }) => cpuNs)];
  const row = rowOf(
    { name, unit: "ns CPU/packet", better: "lower", peerName: peers[against]!.name },
    own.map((ours, round) => ({ ours, peer: peer[round]! })),
  );
  const percent = (which: number): number => 100 * median(of(which, ({ lost }) => lost));
  return {
    ...row,
    details: {
      "% lost": percent(index),
      "% lost there": percent(against),
      "packets/s": Math.round(median(of(index, ({ perSecond }) => perSecond))),
    },
  };
};

/** Of the usual shortest frame, without Ethernet's checksum, rounded up to words. */
const frame = (): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { destination: mac("2e:fe:7c:b0:c7:31"), source: mac("2e:fe:7c:b0:c7:22") } },
    { protocol: "ipv4", header: { source: ipv4("10.0.0.1"), destination: ipv4("10.0.0.2") } },
    { protocol: "udp", header: { sourcePort: 40_000, destinationPort: 9, checksum: 0 } },
    { protocol: "payload", bytes: new Uint8Array(FRAME_BYTES - 42) },
  ]);
