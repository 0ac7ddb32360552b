/** Real traffic out of an interface that marks in place: cut up beside it, one mark for each packet of the wire, nothing lost. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { attach } from "../../src/bpf/attach.ts";
import { SkbClock } from "../../src/kernel/context.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { readClock } from "../../src/linux/clock.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { links, setLink } from "../../src/linux/rtnetlink/links.ts";
import { addPval, deletePval, setPval } from "../../src/mark/pval/control.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { exchangeDatagrams } from "../support/datagrams.ts";
import { expectNoneLost, startEchoes } from "../support/echo-window.ts";
import { departures, watchDepartures } from "../support/departures.bpf.ts";
import { expectOneMarkEach, seenPackets } from "../support/marks.ts";
import { grown, readNetCounters, type NetCounters } from "../../src/linux/net-counters.ts";
import { PvalLab } from "../support/pval-lab.ts";
import { TimedSender } from "../support/timed-sender.ts";
import { popTags, pushTags, type Tag } from "../../src/lab/traffic/vlan-tags.bpf.ts";

const IPV4 = 0x0800;
/** TCP's retransmissions are not among them: it probes for losses, and finds none. */
const LOSSES = /InCsumErrors|InErrors|InHdrErrors|ReasmFails|(rx|tx)_dropped/;
const MEGABYTE = 1 << 20;
const IN_PLACE = "h_left";

let lab: PvalLab;
let wire: PacketSocket;
let before: { readonly left: NetCounters; readonly right: NetCounters };
const counted = () => ({ left: readNetCounters(lab.netns("left")), right: readNetCounters(lab.netns("right")) });
beforeAll(() => {
  lab = new PvalLab();
  addPval({ link: IN_PLACE, options: { ipopt: true }, inPlace: true }, lab.reference("left"));
});
afterAll(() => lab.close());

beforeEach(() => {
  wire = new PacketSocket(lab.netns("right"), lab.link("right", "h_right").index, { protocol: IPV4 });
  before = counted();
});
/** Whatever was sent, nothing of it was lost or damaged. */
afterEach(() => {
  wire.close();
  const after = counted();
  for (const side of ["left", "right"] as const) expect(grown(before[side], after[side], LOSSES)).toEqual({});
  expect(lab.status("left", IN_PLACE).cutter?.lost ?? 0n).toBe(0n);
});

const ping = async (side: "left" | "right", target: string, payloadBytes = 56): Promise<void> => {
  const { finished } = await startPing(lab.netns(side), { target, payloadBytes, intervalMs: 1, count: 5 });
  expect(await finished).toMatchObject({ sent: 5, received: 5, errors: 0 });
};

/** From the marking side. */
const download = async (bytes: number): Promise<void> => {
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const request = { address: "10.0.0.1", port: server.ready.port, bytes };
  const client = await startTcpDownload(lab.netns("right"), request);
  expect((await client.finished).receivedBytes).toBe(bytes);
  await server.stop();
};

test("TCP in bulk, handed to the interface in large packets", async () => {
  await download(16 * MEGABYTE);
  const seen = seenPackets(wire);
  expect(Math.max(...seen.map(({ length }) => length))).toBe(1500);
  expectOneMarkEach(seen);
  // TCP goes on making large packets, which is what makes it fast.
  expect(lab.link("left", IN_PLACE).gsoMaxSegments).toBeGreaterThan(1000);
});

test("echoes, fragments and what is no IPv4; packets of the interface's own MTU are received", async () => {
  await Promise.all([
    ping("left", "10.0.0.2"),
    ping("right", "10.0.0.1", 1472),
    ping("right", "10.0.0.1", 4000),
    ping("left", "db01::2", 4000),
  ]);
  await exchangeDatagrams(
    lab,
    4002,
    Array.from({ length: 5 }, () => new Uint8Array(4000)),
  );
  const seen = seenPackets(wire);
  expect(seen.length).toBe(5 * (1 + 2 + 3 + 3));
  expect(Math.max(...seen.map(({ length }) => length))).toBeLessThanOrEqual(1500);
  expectOneMarkEach(seen);
});

const sendCutAndWhole = async (): Promise<void> => {
  const datagrams = Array.from({ length: 20 }, (_, at) => new Uint8Array(at % 2 === 0 ? 20_000 : 100).fill(at));
  const received = await exchangeDatagrams(lab, 4000, datagrams, { segment: 1000, expected: 10 * 20 + 10 });
  expect(received.map(([first]) => first)).toEqual(
    datagrams.flatMap(([at, ...rest]) => Array.from({ length: Math.ceil((rest.length + 1) / 1000) }, () => at)),
  );
  expectOneMarkEach(seenPackets(wire));
};

test("UDP that the kernel cuts, in order with what it does not cut", sendCutAndWhole);

const inner: Tag = [0x8100, 0x6005];
const outer: Tag = [0x88a8, 7];

test.each<[name: string, tags: readonly Tag[]]>([
  ["a VLAN tag", [inner]],
  ["a service tag around another tag", [inner, outer]],
])("%s that another program at the interface pushes, once", async (_, tags) => {
  const pushing = attach(pushTags(tags), {
    device: IN_PLACE,
    direction: "egress",
    netns: lab.netns("left"),
    order: "last",
  });
  const popping = attach(popTags(tags), { device: "h_right", direction: "ingress", netns: lab.netns("right") });
  await exchangeDatagrams(lab, 4001, [new Uint8Array(10_000)], { segment: 1000, expected: 10 });
  pushing.close();
  popping.close();
  const seen = seenPackets(wire);
  expect(seen.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 1040));
  expectOneMarkEach(seen);
});

test.each(["monotonic", "tai"] as const)(
  "times at which sockets have packets leave (SO_TXTIME, %s clock) stay with them, cut or whole",
  async (clock) => {
    const watching = attach(watchDepartures, {
      device: IN_PLACE,
      direction: "egress",
      netns: lab.netns("left"),
      order: "last",
    });
    const sender = new TimedSender(lab.netns("left"), clock);
    const right = new UdpSocket(lab.netns("right"), 4003);
    const timeNs = readClock(clock);
    for (const [bytes, segment] of [
      [300, 0],
      [5000, 1000],
    ] as const)
      sender.send(4003, new Uint8Array(bytes), timeNs, segment);
    let arrived = 0;
    await expect.poll(() => (arrived += right.drain().length)).toBe(6);
    expect(Array.from(watching.map(departures))).toEqual([
      [{ timeNs, clock: clock === "tai" ? SkbClock.Tai : SkbClock.Monotonic, unused: 0 }, { value: 6n }],
    ]);
    for (const own of [sender, right, watching]) own.close();
  },
);

test("what others put behind three tags before it is marked goes unmarked, counted", async () => {
  const netns = lab.reference("left");
  const tags = [inner, inner, outer];
  deletePval(IN_PLACE, netns);
  const pushing = attach(pushTags(tags), { device: IN_PLACE, direction: "egress", netns: lab.netns("left") });
  const popping = attach(popTags(tags), { device: "h_right", direction: "ingress", netns: lab.netns("right") });
  addPval({ link: IN_PLACE, options: { ipopt: true }, inPlace: true }, netns);
  await exchangeDatagrams(lab, 4001, [new Uint8Array(10_000)], { segment: 1000, expected: 10 });
  pushing.close();
  popping.close();
  expect(lab.status("left", IN_PLACE).statistics.marks).toMatchObject({ marked: 0n, notIpv4: 10n });
});

test("marks come and go under load: no packet is lost", async () => {
  const netns = lab.reference("left");
  const echoes = await startEchoes(lab.netns("right"), lab.netns("left"), "10.0.0.1");
  const load = download(16 * MEGABYTE);
  for (const ipopt of [false, true]) setPval({ name: IN_PLACE, options: { ipopt } }, netns);
  deletePval(IN_PLACE, netns);
  addPval({ link: IN_PLACE, options: { ipopt: true }, inPlace: true }, netns);
  await load;
  expectNoneLost(await echoes.stop());
  wire.close();
  wire = new PacketSocket(lab.netns("right"), lab.link("right", "h_right").index, { protocol: IPV4 });
});

test("where the kernel leaves whole what has room for marks: only the first packets lack them", async () => {
  const netns = lab.reference("left");
  // As kernels do that know of no limit in bytes.
  const cutter = lab.link("left", lab.status("left", IN_PLACE).cutter?.name ?? "");
  setLink(lab.route("left"), cutter.index, { gsoMaxBytes: 65_536 });
  const unmarked = () => lab.status("left", IN_PLACE).statistics.marks?.["notSegmented"] ?? 0n;
  await download(MEGABYTE);
  expect(unmarked()).toBeGreaterThan(0n);
  wire.close();
  wire = new PacketSocket(lab.netns("right"), lab.link("right", "h_right").index, { protocol: IPV4 });
  const first = unmarked();
  await download(4 * MEGABYTE);
  expectOneMarkEach(seenPackets(wire));
  expect(unmarked()).toBe(first);
  setPval({ name: IN_PLACE, options: { ipopt: false } }, netns);
  setPval({ name: IN_PLACE, options: { ipopt: true } }, netns);
});

test("where the kernel has no macvlan: the same, by a veth pair", async () => {
  const netns = lab.reference("left");
  setPval({ name: IN_PLACE, options: { ipopt: false } }, netns);
  process.env["HOPMARK_MACVLAN"] = "off";
  try {
    setPval({ name: IN_PLACE, options: { ipopt: true } }, netns);
  } finally {
    delete process.env["HOPMARK_MACVLAN"];
  }
  expect(lab.link("left", lab.status("left", IN_PLACE).cutter?.name ?? "").kind).toBe("veth");
  await sendCutAndWhole();
  await download(4 * MEGABYTE);
  const seen = seenPackets(wire);
  expectOneMarkEach(seen);
  const echoes = await startPing(lab.netns("right"), { target: "10.0.0.1", intervalMs: 1 });
  setPval({ name: IN_PLACE, options: { ipopt: false } }, netns);
  const { sent, received } = await echoes.stop();
  expect(received).toBe(sent);
  expect(links(lab.route("left")).some(({ name }) => name.startsWith("hm_"))).toBe(false);
});
