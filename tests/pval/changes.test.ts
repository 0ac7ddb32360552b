/** Changes under traffic: options, readers, stripping and deletion lose nothing that the link does not lose. In place: in-place.test.ts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { openCopies, setPval, type PvalOptions } from "../../src/mark/pval/control.ts";
import { Errno } from "../../src/linux/ffi.ts";
import { decodePacket } from "../../src/wire/packet/decode.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { startHopmark } from "../../src/cli/fixtures/program.ts";
import { expectNoneLost, startEchoes } from "../support/echo-window.ts";
import { seenPackets } from "../support/marks.ts";
import { grown, readNetCounters } from "../../src/linux/net-counters.ts";
import { PvalLab } from "../support/pval-lab.ts";

const MEGABYTE = 1 << 20;
const IP_PACKETS = 0x0800;
const ALL_PACKETS = 3;
const DAMAGE = /InCsumErrors|InHdrErrors|TcpInErrs|(rx|tx)_dropped/;

let lab: PvalLab;
beforeAll(() => {
  lab = new PvalLab();
  lab.add("left", {});
  lab.add("right", {});
});
afterAll(() => lab.close());

const counted = () => ({ left: readNetCounters(lab.netns("left")), right: readNetCounters(lab.netns("right")) });
const expectNoDamage = (before: ReturnType<typeof counted>): void => {
  const after = counted();
  for (const side of ["left", "right"] as const) expect(grown(before[side], after[side], DAMAGE)).toEqual({});
};

test("options change, readers come and go: no packet is lost, and TCP goes on", async () => {
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const { port } = server.ready;
  const rate = { bytesPerSecond: 4 * MEGABYTE };
  const client = await startTcpDownload(lab.netns("right"), { address: "10.0.0.1", port, ...rate });
  const echoes = await startEchoes(lab.netns("right"), lab.netns("left"), "10.0.0.1");
  const before = counted();
  const changes: Partial<PvalOptions>[] = [
    { ipopt: true, txcopy: true, txtstamp: true },
    { snap: 128 },
    { ipopt: false, txtstamp: false },
  ];
  for (const options of changes) {
    setPval({ name: "pval0", options }, lab.reference("left"));
    setPval({ name: "pval0", options: { strip: options.ipopt ?? false } }, lab.reference("right"));
    const copies = openCopies("pval0-tx", lab.reference("left"));
    for (const ring of copies.rings) ring.poll(() => {});
    copies.close();
  }
  expectNoneLost(await echoes.stop());
  expect((await client.stop()).receivedBytes).toBeGreaterThan(MEGABYTE);
  await server.stop();
  expectNoDamage(before);
});

test("what is stripped is what was marked; applications see neither", async () => {
  setPval({ name: "pval0", options: { ipopt: true, txcopy: false } }, lab.reference("left"));
  setPval({ name: "pval0", options: { strip: true } }, lab.reference("right"));
  const marked = (): bigint => lab.status("left").statistics.marks?.["marked"] ?? -1n;
  const stripped = (): bigint => lab.status("right").statistics.strips?.["stripped"] ?? -1n;
  const [firstMarked, firstStripped] = [marked(), stripped()];
  const above = new PacketSocket(lab.netns("right"), lab.link("right", "pval0").index, { protocol: IP_PACKETS });
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const before = counted();
  const request = { address: "10.0.0.1", port: server.ready.port, bytes: 4 * MEGABYTE };
  const client = await startTcpDownload(lab.netns("right"), request);
  expect((await client.finished).receivedBytes).toBe(4 * MEGABYTE);
  await server.stop();
  expect(marked() - firstMarked).toBeGreaterThan(2800n);
  expect(stripped() - firstStripped).toBe(marked() - firstMarked);
  expect(seenPackets(above).every(({ seq }) => seq === -1n)).toBe(true);
  above.close();
  expectNoDamage(before);
});

const PORT = 4000;
/** Sent at once, and waited for: the interfaces' queues hold more. */
const BURST = 32;

test("deleted under load: all that the device has taken from applications leaves", async () => {
  setPval({ name: "pval0", options: { ipopt: true } }, lab.reference("left"));
  const taking = new PacketSocket(lab.netns("left"), lab.link("left", "pval0").index, { protocol: ALL_PACKETS });
  const [left, right] = [new UdpSocket(lab.netns("left")), new UdpSocket(lab.netns("right"), PORT)];
  const deleting = startHopmark(["link", "del", "pval0", "--netns", lab.reference("left")]);
  let [taken, arrived] = [0, 0];
  const allArrived = (): boolean => {
    taken += datagramsIn(taking);
    arrived += right.drain().length;
    return arrived === taken;
  };
  // Until there is no way to the other side any more.
  while (sendBurst(left)) await expect.poll(allArrived, { interval: 0, timeout: 5000 }).toBe(true);
  expect((await deleting.ended).status).toBe(0);
  await expect.poll(allArrived).toBe(true);
  expect(taken).toBeGreaterThan(10 * BURST);
  for (const own of [taking, left, right]) own.close();
});

const sendBurst = (socket: UdpSocket): boolean => {
  try {
    for (let at = 0; at < BURST; at++) socket.send("::ffff:10.0.0.2", PORT, new Uint8Array(400));
    return true;
  } catch {
    return false;
  }
};

/** Those that wait in the socket. It says once that its interface has gone down. */
const datagramsIn = (socket: PacketSocket): number => {
  const frames: Uint8Array[] = [];
  for (;;) {
    try {
      const frame = socket.receive();
      if (frame === null) break;
      frames.push(frame);
    } catch (error) {
      if (!String(error).endsWith(String(-Errno.ENETDOWN))) throw error;
    }
  }
  return frames.filter((frame) => decodePacket(frame).layers.some(({ protocol }) => protocol === "udp")).length;
};
