/** Changes under traffic: options, readers, stripping and deletion lose nothing that the link does not lose. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { addPval, deletePval, openCopies, setPval, type PvalOptions } from "../../src/mark/pval/control.ts";
import { seenPackets } from "../support/marks.ts";
import { grown, readNetCounters } from "../../src/linux/net-counters.ts";
import { PvalLab } from "../support/pval-lab.ts";

const MEGABYTE = 1 << 20;
const DAMAGE = /InCsumErrors|InHdrErrors|TcpInErrs|(rx|tx)_dropped/;

let lab: PvalLab;
beforeEach(() => {
  lab = new PvalLab();
});
afterEach(() => lab.close());

test("options change, readers come and go: no echo is lost, and TCP goes on", async () => {
  lab.add("left", {});
  lab.add("right", {});
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const { port } = server.ready;
  const rate = { bytesPerSecond: 20 * MEGABYTE };
  const client = await startTcpDownload(lab.netns("right"), { address: "10.0.0.1", port, ...rate });
  const ping = await startPing(lab.netns("right"), { target: "10.0.0.1", intervalMs: 1 });
  const before = readNetCounters(lab.netns("right"));
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
  const { sent, received, errors } = await ping.stop();
  expect(sent).toBeGreaterThan(50);
  expect({ received, errors }).toEqual({ received: sent, errors: 0 });
  expect((await client.stop()).receivedBytes).toBeGreaterThan(MEGABYTE);
  await server.stop();
  expect(grown(before, readNetCounters(lab.netns("right")), DAMAGE)).toEqual({});
});

test("what is stripped is what was marked; applications see neither", async () => {
  lab.add("left", { ipopt: true });
  lab.add("right", { strip: true });
  const above = new PacketSocket(lab.netns("right"), lab.link("right", "pval0").index, { protocol: 0x0800 });
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const before = readNetCounters(lab.netns("right"));
  const request = { address: "10.0.0.1", port: server.ready.port, bytes: 8 * MEGABYTE };
  const client = await startTcpDownload(lab.netns("right"), request);
  expect((await client.finished).receivedBytes).toBe(8 * MEGABYTE);
  await server.stop();
  const marked = lab.status("left").statistics.marks?.["marked"];
  expect(lab.status("right").statistics.strips?.["stripped"]).toBe(marked);
  expect(seenPackets(above).every(({ seq }) => seq === -1n)).toBe(true);
  above.close();
  expect(grown(before, readNetCounters(lab.netns("right")), DAMAGE)).toEqual({});
});

test("in place, and gone again, under traffic", async () => {
  const ping = await startPing(lab.netns("right"), { target: "10.0.0.1", intervalMs: 1 });
  const netns = lab.reference("left");
  const wire = new PacketSocket(lab.netns("right"), lab.link("right", "h_right").index, { protocol: 0x0800 });
  for (let round = 0; round < 2; round++) {
    addPval({ link: "h_left", options: { ipopt: true }, inPlace: true }, netns);
    await expect.poll(() => seenPackets(wire).some(({ seq }) => seq >= 0n)).toBe(true);
    deletePval("h_left", netns);
  }
  const { sent, received } = await ping.stop();
  expect(received).toBe(sent);
  wire.close();
});
