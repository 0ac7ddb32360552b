/** Echo and a TCP download through the lab: every packet's trace arrives whole, and nothing else suffers. */
import assert from "node:assert/strict";
import type { PathObject } from "../../../src/follow/trace/index.ts";
import { startPing, startTcpDownload, startTcpServer, type MusketeersOptions } from "../../../src/lab/index.ts";
import { until } from "./check.ts";
import { Lab, NODE_NAMES } from "./musketeers.ts";

const ECHOES = 20;
const DOWNLOAD_BYTES = 500_000;
const HOP_BY_HOP_BYTES = 104;
/** Bytes. What links cut up has one trace, and TCP decides how much it hands over at once. */
const LARGEST_PACKET = 65_536;

/** All of a lab's life. Every run has a lab of its own. */
export const traces = async (name: string, options: MusketeersOptions): Promise<string> => {
  const lab = new Lab(name, options);
  try {
    assert.deepEqual(await lab.attached(), expectedFilters(lab));
    assert.equal(await lab.routeMtu(), 1500 - HOP_BY_HOP_BYTES);
    const echo = await lab.within("athos", (netns) =>
      startPing(netns, { target: "db02::2", count: ECHOES, intervalMs: 20 }),
    );
    const { sent, received, errors } = await echo.finished;
    assert.deepEqual({ sent, received, errors }, { sent: ECHOES, received: ECHOES, errors: 0 });
    const rate = await download(lab);
    await until("all traces are read", () => lab.records === inRing(lab));
    const summary = await judge(lab, options.segmentation === true ? DOWNLOAD_BYTES / LARGEST_PACKET : 100);
    lab.remove();
    await assertGone(lab);
    return `${rate}, ${summary}`;
  } finally {
    lab.down();
  }
};

/** TCP's data flows from athos to aramis, the way that is traced. */
const download = async (lab: Lab): Promise<string> => {
  const server = await lab.within("athos", (netns) => startTcpServer(netns));
  const { port } = server.ready;
  const client = await lab.within("aramis", (netns) =>
    startTcpDownload(netns, { address: "db01::1", port, bytes: DOWNLOAD_BYTES }),
  );
  const { receivedBytes, seconds } = await client.finished;
  await server.stop();
  assert.equal(receivedBytes, DOWNLOAD_BYTES);
  return `TCP ${Math.round(DOWNLOAD_BYTES / 1e6 / seconds)} MB/s`;
};

/** Traces that found room in the ring: an emulated reader can be too slow for the others, which are counted. */
const inRing = (lab: Lab): number => {
  const { received = 0n, ringFull = 0n } = lab.counters("aramis", "sink");
  return Number(received - ringFull);
};

const judge = async (lab: Lab, leastOfTcp: number): Promise<string> => {
  for (const node of ["athos", "porthos", "aramis"] as const) {
    assert.equal(await lab.tcpCounter(node, "InCsumErrors"), 0, `TcpInCsumErrors of ${node}`);
  }
  const [encap, sink] = [lab.counters("athos", "encap"), lab.counters("aramis", "sink")];
  assert.equal(sink["segments"], encap["segments"], "segments received and sent");
  assert.deepEqual(nonZero(encap, "sent", "segments"), {});
  assert.deepEqual(nonZero(sink, "received", "segments", "filled", "ringFull"), {});
  const paths = lab.paths();
  const echoes = paths.filter(({ protocol }) => protocol === "icmpv6");
  assert.equal(echoes.length, ECHOES);
  assert.ok(paths.length >= echoes.length + leastOfTcp, `packets of TCP have traces too: ${paths.length} paths`);
  for (const path of paths) judgePath(path, lab.hopmarkTransit);
  return `${sink["received"]} traces on ${sink["segments"]} packets, ${paths.length} read`;
};

/** Three hops, in order, times never decreasing, and exactly that unknown which nobody there can know. */
const judgePath = (path: PathObject, hopmarkTransit: boolean): void => {
  try {
    assertWhole(path, hopmarkTransit);
  } catch (error) {
    throw new Error(JSON.stringify(path), { cause: error });
  }
};

const assertWhole = (path: PathObject, hopmarkTransit: boolean): void => {
  const { hops } = path;
  assert.equal(path.malformed, undefined);
  assert.deepEqual(path.flags, { overflow: false, loopback: false, active: false });
  assert.equal(path.remainingWords, 0);
  assert.deepEqual(
    hops.map(({ node, nodeId, hopLimit }) => ({ node, nodeId, hopLimit })),
    [...NODE_NAMES].map(([nodeId, node], index) => ({ node, nodeId, hopLimit: 64 - index })),
  );
  const times = hops.map(({ timestampNs }) => BigInt(timestampNs ?? -1));
  assert.ok((times[0] ?? -1n) > 0n);
  assert.ok(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n)));
  assert.deepEqual(
    hops.map(({ ingressId, egressId }) => [ingressId, egressId]),
    [
      [null, 11],
      [21, 22],
      [31, null],
    ],
  );
  // Without the kernel functions that cast pointers, programs cannot look into queues. The kernel can.
  const [athos, porthos, aramis] = hops;
  assert.deepEqual([athos?.queueDepth, aramis?.queueDepth], [null, null]);
  assert.equal(typeof porthos?.queueDepth, hopmarkTransit ? "object" : "number");
  assert.equal(typeof porthos?.transitDelayNs, hopmarkTransit ? "number" : "object");
  assert.equal(athos?.namespaceData, "0xdeadbeef");
};

const nonZero = (counters: Readonly<Record<string, bigint>>, ...but: readonly string[]): object =>
  Object.fromEntries(Object.entries(counters).filter(([name, value]) => value !== 0n && !but.includes(name)));

const expectedFilters = (lab: Lab): readonly string[] => {
  const transit = lab.hopmarkTransit ? ["h_porthos_a", "h_porthos_b"].flatMap(transitOn) : [];
  return ["h_athos clsact", "h_athos egress ioam_encap", ...transit, "h_aramis clsact", "h_aramis ingress ioam_sink"];
};

const transitOn = (device: string): readonly string[] => [
  `${device} clsact`,
  `${device} ingress ioam_ingress`,
  `${device} egress ioam_egress`,
];

/** Nothing of Hopmark's is left: no filter, no qdisc, no pin, and the route has its MTU back. */
export const assertGone = async (lab: Lab): Promise<void> => {
  assert.deepEqual(await lab.attached(), []);
  assert.deepEqual(lab.pins(), []);
  assert.equal(await lab.routeMtu(), undefined);
};
