import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startScript } from "../../linux/fixtures/run-script.ts";
import { readOffloads } from "../../linux/ethtool.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { isAlive, processIdentity } from "../../linux/process-identity.ts";
import type { Netns } from "../../linux/netns.ts";
import { withNetns } from "../../linux/with-netns.ts";
import { readFileSync } from "node:fs";
import { labDown, labUp, openNode } from "../lab.ts";
import { musketeers } from "../topologies/musketeers.ts";
import { startPing } from "./ping.ts";
import { startTcpDownload, startTcpServer } from "./tcp.ts";

const lab = `hmtraffic-${process.pid}`;
let athos: Netns;
let aramis: Netns;

beforeAll(() => {
  labUp(musketeers(), lab);
  athos = openNode(lab, "athos");
  aramis = openNode(lab, "aramis");
});
afterAll(() => {
  athos?.close();
  aramis?.close();
  labDown(lab);
});

test("a ping counts what it sent and what came back", async () => {
  const ping = await startPing(athos, { target: "db02::2", intervalMs: 2, count: 20, payloadBytes: 1000 });
  const report = await ping.finished;
  expect(report).toMatchObject({ sent: 20, received: 20, errors: 0 });
  expect(report.rttNs).toBeGreaterThan(1000);
  expect(report.rttNs).toBeLessThan(1e9);
});

test("a ping to nobody receives nothing, and stops when told", async () => {
  const ping = await startPing(athos, { target: "db02::77", intervalMs: 5 });
  await delay(30);
  const report = await ping.stop();
  expect(report.sent).toBeGreaterThan(1);
  expect(report.received).toBe(0);
});

test("a ping without a route counts errors", async () => {
  await expect(startPing(athos, { target: "db99::1" })).rejects.toThrow("connect (db99::1): ENETUNREACH");
  await expect(startPing(athos, { target: "aramis" })).rejects.toThrow("is not an IPv4 address");
});

const tcpCounter = (netns: Netns, name: string) => {
  const lines = withNetns(netns, () => readFileSync("/proc/thread-self/net/snmp", "utf8")).split("\n");
  const [names = "", values = ""] = lines.filter((line) => line.startsWith("Tcp:"));
  return Number(values.split(" ")[names.split(" ").indexOf(name)]);
};

test.each([
  ["one packet at a time", false],
  ["with segmentation offload", true],
])("a download of 64 MB, %s", async (_, segmentation) => {
  labUp(musketeers({ segmentation }), lab);
  const route = openRtnetlink(athos);
  expect(readOffloads(route, "h_athos").get("gso")?.state).toBe(segmentation ? "on" : "off");
  route.close();
  const server = await startTcpServer(athos);
  const bytes = 64 << 20;
  const client = await startTcpDownload(aramis, { address: "db01::1", port: server.ready.port, bytes });
  expect(await client.finished).toMatchObject({ receivedBytes: bytes });
  expect(await server.stop()).toEqual({ connections: 1, sentBytes: bytes });
  expect(tcpCounter(aramis, "InSegs")).toBeGreaterThan(1000);
  expect(tcpCounter(aramis, "InCsumErrors")).toBe(0);
});

test("a rate is kept", async () => {
  const server = await startTcpServer(athos, { address: "db01::1" });
  const options = { address: "db01::1", port: server.ready.port, bytesPerSecond: 1e6 };
  const client = await startTcpDownload(aramis, options);
  await delay(1000);
  const { receivedBytes, seconds } = await client.stop();
  await server.stop();
  expect(receivedBytes).toBeLessThan((seconds + 0.02) * 1e6);
  expect(receivedBytes).toBeGreaterThan(seconds * 0.6e6);
});

test("failures are named", async () => {
  await expect(startTcpDownload(aramis, { address: "db01::1", port: 9 })).rejects.toThrow("ECONNREFUSED");
  const server = await startTcpServer(athos);
  await expect(startTcpServer(athos, { port: server.ready.port })).rejects.toThrow("EADDRINUSE");
  const client = await startTcpDownload(aramis, { address: "db01::1", port: server.ready.port });
  process.kill(server.pid, "SIGKILL");
  await expect(client.finished).rejects.toThrow("the connection ended after");
  await expect(server.finished).rejects.toThrow("SIGKILL");
});

test("the children of a process that was killed end by themselves", async () => {
  const parent = startScript(`
    import { openNode, startPing, startTcpDownload, startTcpServer } from "./lab/index.js";
    const [athos, aramis] = ["athos", "aramis"].map((node) => openNode(${JSON.stringify(lab)}, node));
    const ping = await startPing(athos, { target: "db02::2" });
    const server = await startTcpServer(athos);
    const client = await startTcpDownload(aramis, { address: "db01::1", port: server.ready.port });
    process.stdout.write(JSON.stringify([ping.pid, server.pid, client.pid]));`);
  if (parent.stdout === null) throw new TypeError("no output");
  const [text] = await once(parent.stdout, "data");
  const pids: number[] = JSON.parse(String(text));
  const children = pids.flatMap((pid) => processIdentity(pid) ?? []);
  expect(children).toHaveLength(3);
  parent.kill("SIGKILL");
  for (let waited = 0; children.some(isAlive) && waited < 5000; waited += 20) await delay(20);
  expect(children.filter(isAlive)).toEqual([]);
});
