/** pval devices: every kind of traffic from one that marks to an interface that strips, what they copy, and their end. */
import assert from "node:assert/strict";
import { attach } from "../../../src/bpf/attach.ts";
import { listPins } from "../../../src/bpf/pin/registry.ts";
import { openCapture, type PacketBatch } from "../../../src/follow/index.ts";
import { startPing, startTcpDownload, startTcpServer } from "../../../src/lab/index.ts";
import { setOffloads } from "../../../src/linux/ethtool.ts";
import { links } from "../../../src/linux/rtnetlink/links.ts";
import { filters, qdiscs } from "../../../src/linux/rtnetlink/traffic-control.ts";
import { addPval, deletePval } from "../../../src/mark/pval/control.ts";
import { popTags, pushTags } from "../../../src/lab/traffic/vlan-tags.bpf.ts";
import { grown, readNetCounters } from "../../../src/linux/net-counters.ts";
import { PvalLab } from "../../support/pval-lab.ts";
import { UdpSocket } from "../../../src/linux/udp-socket.ts";
import { until } from "./check.ts";
import { hopmark } from "./command.ts";

const sides = ["left", "right"] as const;
type Side = (typeof sides)[number];

const ECHOES = 10;
const DOWNLOAD_BYTES = 200_000;
const DATAGRAMS = 20;
const TAGS = [[0x8100, 0x6005]] as const;
const PORT = 4000;
/** What the kernel counts where something is lost or damaged. */
const LOSSES = /InCsumErrors|InErrors|InHdrErrors|ReasmFails|(rx|tx)_dropped/;

/** Two nodes, whose link cuts TCP up and fills in checksums. */
const withLab = async (run: (lab: PvalLab) => Promise<string>): Promise<string> => {
  const lab = new PvalLab();
  try {
    for (const side of sides) setOffloads(lab.route(side), `h_${side}`, { tx: true, tso: true });
    const before = sides.map((side) => state(lab, side));
    const said = await run(lab);
    assert.deepEqual(sides.map((side) => state(lab, side)), before); // prettier-ignore
    assert.deepEqual(listPins(), []);
    return said;
  } finally {
    lab.close();
  }
};

/** A device of its own marks, copies and takes times on the left; the right strips. */
export const pvalDevice = (): Promise<string> =>
  withLab(async (lab) => {
    lab.add("left", { ipopt: true, txcopy: true, txtstamp: true });
    addPval({ link: "h_right", options: { strip: true }, inPlace: true }, lab.reference("right"));
    assert.deepEqual(programs(lab, "left"), ["h_left ingress pval_rx", "hm-pval0 ingress pval_tx"]);
    assert.deepEqual(programs(lab, "right"), ["h_right ingress pval_rx", "h_right egress pval_tx"]);
    const copies = await copied(lab, () => unharmed(lab, () => everyKindOfTraffic(lab, "pval0")));
    const marked = judgeMarks(lab, "pval0");
    deletePval("pval0", lab.reference("left"));
    deletePval("h_right", lab.reference("right"));
    return `${marked} packets marked and stripped; ${copies}`;
  });

/** By commands, in place. */
export const linkCommands = (): Promise<string> =>
  withLab(async (lab) => {
    const link = (side: Side, words: string): unknown =>
      hopmark("link", ...words.split(" "), "--netns", lab.reference(side));
    link("left", "add type pval link h_left ipopt on --in-place");
    link("right", "add type pval link h_right --strip --in-place");
    await unharmed(lab, async () => {
      await echo(lab);
      await download(lab);
    });
    const marked = judgeMarks(lab, "h_left");
    link("left", "set dev h_left type pval txtstamp on txcopy on ipopt off");
    const [{ state: isWhole, options } = {}] = link("left", "show h_left -d") as Partial<Shown>[];
    assert.deepEqual([isWhole, options?.["txtstamp"]], ["whole", true]);
    link("left", "del h_left");
    link("right", "del h_right");
    return `${marked} packets marked in place`;
  });

interface Shown {
  readonly state: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const everyKindOfTraffic = async (lab: PvalLab, device: string): Promise<void> => {
  await echo(lab);
  // In fragments.
  await echo(lab, 4000);
  await download(lab);
  const [left, right] = [new UdpSocket(lab.netns("left")), new UdpSocket(lab.netns("right"), PORT)];
  const arrive = async (what: string): Promise<void> => {
    let arrived = 0;
    await until(what, () => (arrived += right.drain().length) === DATAGRAMS);
  };
  left.send("::ffff:10.0.0.2", PORT, new Uint8Array(DATAGRAMS * 1000), 1000);
  await arrive("datagrams that the kernel cut");
  const pushing = attach(pushTags(TAGS), { device, direction: "egress", netns: lab.netns("left") });
  const popping = attach(popTags(TAGS), { device: "h_right", direction: "ingress", netns: lab.netns("right") });
  for (let at = 0; at < DATAGRAMS; at++) left.send("::ffff:10.0.0.2", PORT, new Uint8Array(100));
  await arrive("datagrams with a VLAN tag");
  for (const own of [left, right, pushing, popping]) own.close();
};

const echo = async (lab: PvalLab, payloadBytes = 56): Promise<void> => {
  const options = { target: "10.0.0.2", payloadBytes, intervalMs: 10, count: ECHOES };
  const { sent, received, errors } = await (await startPing(lab.netns("left"), options)).finished;
  assert.deepEqual({ sent, received, errors }, { sent: ECHOES, received: ECHOES, errors: 0 });
};

/** The data flow from the left to the right. */
const download = async (lab: PvalLab): Promise<void> => {
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const { port } = server.ready;
  const client = await startTcpDownload(lab.netns("right"), { address: "10.0.0.1", port, bytes: DOWNLOAD_BYTES });
  assert.equal((await client.finished).receivedBytes, DOWNLOAD_BYTES);
  await server.stop();
};

/** Nothing is lost or damaged meanwhile. */
const unharmed = async (lab: PvalLab, run: () => Promise<void>): Promise<void> => {
  const before = sides.map((side) => readNetCounters(lab.netns(side)));
  await run();
  for (const [at, side] of sides.entries())
    assert.deepEqual(grown(before[at] ?? new Map(), readNetCounters(lab.netns(side)), LOSSES), {}, side);
};

/** Every packet of IPv4 was marked on the left, and had its mark taken off on the right. Returns how many. */
const judgeMarks = (lab: PvalLab, device: string): bigint => {
  const { marks } = lab.status("left", device).statistics;
  const { strips } = lab.status("right", "h_right").statistics;
  const marked = marks?.["marked"] ?? 0n;
  assert.ok(marked > BigInt(Math.ceil(DOWNLOAD_BYTES / 1500)));
  assert.equal(strips?.["stripped"], marked);
  assert.equal(strips["notStripped"], 0n);
  for (const [name, value] of Object.entries(marks ?? {}))
    if (name !== "marked" && name !== "notIpv4") assert.equal(value, 0n, name);
  return marked;
};

/** All copies of what is sent meanwhile are read, with their marks and the times at which the driver got the packets. */
const copied = async (lab: PvalLab, run: () => Promise<void>): Promise<string> => {
  const counted = { copies: 0, marked: 0 };
  const take = ({ count, marks }: PacketBatch): void => {
    counted.copies += count;
    for (let at = 0; at < count; at++) counted.marked += marks?.present[at] ?? 0;
  };
  const capture = await openCapture({ ring: "pval0", netns: lab.reference("left") }, { marks: true });
  try {
    const reading = (async () => {
      for await (const batch of capture.batches()) take(batch);
    })();
    await run();
    capture.stop();
    await reading;
  } finally {
    capture.close();
  }
  const { read, lost, produced } = capture.counts();
  const { marks, stamps } = lab.status("left").statistics;
  assert.equal(produced, read + (lost ?? NaN));
  assert.equal(counted.copies, read);
  assert.ok(counted.marked > 0 && BigInt(counted.marked) <= (marks?.["marked"] ?? 0n));
  assert.ok((stamps?.stamped ?? 0n) > 0n);
  return `${read} of ${produced} copies read, ${stamps?.stamped} with the time of handing over, ${stamps?.missing} without`;
};

/** What is attached, as `device direction filter`. */
const programs = (lab: PvalLab, side: Side): string[] =>
  links(lab.route(side)).flatMap(({ index, name: device }) =>
    (["ingress", "egress"] as const).flatMap(
      (direction) =>
      filters(lab.route(side), index, direction).map(({ name }) => `${device} ${direction} ${name?.replace(":[clsact]", "")}`), // prettier-ignore
    ),
  );

/** All interfaces, and their qdiscs. */
const state = (lab: PvalLab, side: Side): object => {
  const route = lab.route(side);
  return links(route).map((link) => ({ ...link, qdiscs: qdiscs(route, link.index).map(({ kind }) => kind) }));
};
