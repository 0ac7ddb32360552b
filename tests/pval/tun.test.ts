/** Marks in place on an interface without an Ethernet header: TCP's large packets are cut up there too. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { grown, readNetCounters } from "../../src/linux/net-counters.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { addAddress } from "../../src/linux/rtnetlink/addresses.ts";
import { links, setLink } from "../../src/linux/rtnetlink/links.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { addPval, deletePval, setPval } from "../../src/mark/pval/control.ts";
import { LinkType } from "../../src/wire/numbers.ts";
import { expectOneMarkEach, seenPackets } from "../support/marks.ts";
import { PvalLab } from "../support/pval-lab.ts";
import { startTunCable } from "../support/tun-cable.ts";

const IPV4 = 0x0800;
const LOSSES = /InCsumErrors|InErrors|InHdrErrors|ReasmFails|(rx|tx)_dropped/;
const MEGABYTE = 1 << 20;
const TUN = "h_tun";

let lab: PvalLab;
let cable: Awaited<ReturnType<typeof startTunCable>>;
let wire: PacketSocket;
const counted = () => ({ left: readNetCounters(lab.netns("left")), right: readNetCounters(lab.netns("right")) });
let before: ReturnType<typeof counted>;
beforeAll(async () => {
  lab = new PvalLab();
  cable = await startTunCable([lab.netns("left"), lab.netns("right")], TUN);
  for (const [side, address] of [
    ["left", "10.1.0.1/24"],
    ["right", "10.1.0.2/24"],
  ] as const) {
    const { index } = lab.link(side, TUN);
    setLink(lab.route(side), index, { up: true });
    addAddress(lab.route(side), index, address);
  }
});
afterAll(async () => {
  await cable.stop();
  lab.close();
});
beforeEach(() => {
  wire = new PacketSocket(lab.netns("right"), lab.link("right", TUN).index, { protocol: IPV4 });
  before = counted();
});
afterEach(() => {
  wire.close();
  const after = counted();
  for (const side of ["left", "right"] as const) expect(grown(before[side], after[side], LOSSES)).toEqual({});
});

const traffic = async (): Promise<void> => {
  const server = await startTcpServer(lab.netns("left"), { address: "10.1.0.1" });
  const request = { address: "10.1.0.1", port: server.ready.port, bytes: 2 * MEGABYTE };
  const client = await startTcpDownload(lab.netns("right"), request);
  expect((await client.finished).receivedBytes).toBe(2 * MEGABYTE);
  await server.stop();
  const [left, right] = [new UdpSocket(lab.netns("left")), new UdpSocket(lab.netns("right"), 4000)];
  const datagrams = [10_000, 100, 5000, 30_000];
  for (const length of datagrams) left.send("::ffff:10.1.0.2", 4000, new Uint8Array(length), length > 1000 ? 1000 : 0);
  let arrived = 0;
  await expect.poll(() => (arrived += right.drain().length)).toBe(10 + 1 + 5 + 30);
  for (const socket of [left, right]) socket.close();
};

const expectMarks = (): void => {
  const seen = seenPackets(wire, LinkType.Raw);
  expect(Math.max(...seen.map(({ length }) => length))).toBe(1500);
  expectOneMarkEach(seen);
};

test("each packet of the wire has its mark, and TCP goes on making large packets", async () => {
  const { remarks } = addPval({ link: TUN, options: { ipopt: true }, inPlace: true }, lab.reference("left"));
  expect(remarks).toEqual([]);
  await traffic();
  expectMarks();
  expect(lab.link("left", TUN).gsoMaxSegments).toBeGreaterThan(1000);
  expect(lab.status("left", TUN).cutter?.passed).toBeGreaterThan(1000n);
});

test("where the kernel has no macvlan: the same, by a veth pair", async () => {
  const netns = lab.reference("left");
  setPval({ name: TUN, options: { ipopt: false } }, netns);
  process.env["HOPMARK_MACVLAN"] = "off";
  try {
    setPval({ name: TUN, options: { ipopt: true } }, netns);
  } finally {
    delete process.env["HOPMARK_MACVLAN"];
  }
  await traffic();
  expectMarks();
  deletePval(TUN, netns);
  expect(links(lab.route("left")).some(({ name }) => name.startsWith("hm_"))).toBe(false);
});
