/** Real traffic through a pval device that marks: nothing lost, and one mark for each packet of the wire. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { attach } from "../../src/bpf/attach.ts";
import { setPval } from "../../src/mark/pval/control.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { setLink } from "../../src/linux/rtnetlink/links.ts";
import { exchangeDatagrams } from "../support/datagrams.ts";
import { expectOneMarkEach, seenPackets } from "../support/marks.ts";
import { grown, readNetCounters, type NetCounters } from "../../src/linux/net-counters.ts";
import { PvalLab } from "../support/pval-lab.ts";
import { popTags, pushTags, type Tag } from "../../src/lab/traffic/vlan-tags.bpf.ts";

const IPV4 = 0x0800;
/** TCP's retransmissions are not among them: it probes for losses, and finds none. */
const LOSSES = /InCsumErrors|InErrors|InHdrErrors|ReasmFails|(rx|tx)_dropped/;
const MEGABYTE = 1 << 20;

let lab: PvalLab;
let wire: PacketSocket;
let before: { readonly left: NetCounters; readonly right: NetCounters };
beforeAll(() => {
  lab = new PvalLab();
  lab.add("left", { ipopt: true });
});
afterAll(() => lab.close());

beforeEach(() => {
  wire = new PacketSocket(lab.netns("right"), lab.link("right", "h_right").index, { protocol: IPV4 });
  before = { left: readNetCounters(lab.netns("left")), right: readNetCounters(lab.netns("right")) };
});
/** Whatever was sent, nothing of it was lost or damaged. */
afterEach(() => {
  wire.close();
  const after = { left: readNetCounters(lab.netns("left")), right: readNetCounters(lab.netns("right")) };
  for (const side of ["left", "right"] as const) expect(grown(before[side], after[side], LOSSES)).toEqual({});
  const sent = (device: string): number =>
    (after.left.get(`${device} tx_packets`) ?? NaN) - (before.left.get(`${device} tx_packets`) ?? NaN);
  expect(sent("h_left")).toBe(sent("pval0"));
});

const ping = async (side: "left" | "right", target: string, payloadBytes = 56): Promise<void> => {
  const { finished } = await startPing(lab.netns(side), { target, payloadBytes, intervalMs: 1, count: 5 });
  expect(await finished).toMatchObject({ sent: 5, received: 5, errors: 0 });
};

test("echoes, both ways, and IPv6", async () => {
  await ping("left", "10.0.0.2");
  await ping("right", "10.0.0.1");
  await ping("left", "db01::2");
  await ping("right", "db01::1");
  const seen = seenPackets(wire);
  expect(seen.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 96));
  expectOneMarkEach(seen);
});

const download = async (from: "left" | "right", to: "left" | "right", address: string): Promise<void> => {
  const server = await startTcpServer(lab.netns(from), { address });
  const client = await startTcpDownload(lab.netns(to), { address, port: server.ready.port, bytes: 16 * MEGABYTE });
  expect((await client.finished).receivedBytes).toBe(16 * MEGABYTE);
  await server.stop();
};

test("TCP in bulk: segmented before it is marked", async () => {
  await download("left", "right", "10.0.0.1");
  const seen = seenPackets(wire);
  expect(seen.length).toBeGreaterThan((16 * MEGABYTE) / 1448);
  expect(Math.max(...seen.map(({ length }) => length))).toBe(1500);
  expectOneMarkEach(seen);
});

test("TCP towards a device whose MTU the other side does not know", async () => {
  await download("right", "left", "10.0.0.2");
  expectOneMarkEach(seenPackets(wire));
});

test("UDP that the kernel cuts", async () => {
  await exchangeDatagrams(lab, 4000, [new Uint8Array(40_000).fill(7)], { segment: 1000, expected: 40 });
  const seen = seenPackets(wire);
  expect(seen.map(({ length }) => length)).toEqual(Array.from({ length: 40 }, () => 1040));
  expectOneMarkEach(seen);
});

test("fragments", async () => {
  await ping("left", "10.0.0.2", 4000);
  const seen = seenPackets(wire);
  expect(seen.length).toBe(15);
  expectOneMarkEach(seen);
});

const inner: Tag = [0x8100, 0x6005];
const outer: Tag = [0x88a8, 7];

test.each<[name: string, tags: readonly Tag[]]>([
  ["a VLAN tag", [inner]],
  ["a service tag around another tag", [inner, outer]],
])("%s that a Hopmark program pushes", async (_, tags) => {
  const pushing = attach(pushTags(tags), { device: "pval0", direction: "egress", netns: lab.netns("left") });
  const popping = attach(popTags(tags), { device: "h_right", direction: "ingress", netns: lab.netns("right") });
  await exchangeDatagrams(
    lab,
    4001,
    Array.from({ length: 10 }, (_, at) => new Uint8Array(100 + at)),
  );
  pushing.close();
  popping.close();
  const seen = seenPackets(wire);
  expect(seen.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, (_packet, at) => 140 + at));
  expectOneMarkEach(seen);
});

test("jumbo frames", async () => {
  const jumbo = new PvalLab();
  try {
    jumbo.add("left", { ipopt: true });
    // Below a device that is there, as well as before.
    for (const side of ["left", "right"] as const)
      setLink(jumbo.route(side), jumbo.link(side, `h_${side}`).index, { mtu: 9000 });
    setLink(jumbo.route("left"), jumbo.link("left", "pval0").index, { mtu: 9000 });
    setPval({ name: "pval0", options: {} }, jumbo.reference("left"));
    expect(jumbo.link("left", "pval0").mtu).toBe(8988);
    const h = jumbo.link("right", "h_right").index;
    const socket = new PacketSocket(jumbo.netns("right"), h, { protocol: IPV4 });
    for (const [side, target, bytes] of [
      ["left", "10.0.0.2", 8988 - 28],
      ["right", "10.0.0.1", 9000 - 28],
    ] as const) {
      const { finished } = await startPing(jumbo.netns(side), {
        target,
        payloadBytes: bytes,
        intervalMs: 1,
        count: 3,
      });
      expect(await finished).toMatchObject({ sent: 3, received: 3 });
    }
    expect(seenPackets(socket)[0]?.length).toBe(9000);
    socket.close();
  } finally {
    jumbo.close();
  }
});
