/** Bulk transfers with traces on: full size, no stall, nothing lost for its length. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Instance } from "../../src/bpf/instance.ts";
import type { PerCpuArrayMap } from "../../src/kernel/maps.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { routes } from "../../src/linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { encapCounters, encapReasons } from "../../src/mark/ioam/encap/counters.ts";
import { namespaceOf } from "../../src/mark/ioam/local-node.ts";
import { lowerRouteMtu, restoreRouteMtu, type RouteChange } from "../../src/mark/ioam/encap/route-mtu.ts";
import { sinkRing } from "../../src/mark/ioam/sink/report.bpf.ts";
import { sinkCounterNames, sinkCounters } from "../../src/mark/ioam/sink/counters.ts";
import { prefixHalves } from "../../src/mark/ioam/encap/options.ts";
import { toHex } from "../../src/wire/hex.ts";
import { hopByHopLength } from "../../src/wire/ioam/hop-by-hop.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";
import { grown, readNetCounters, type NetCounters } from "../../src/linux/net-counters.ts";
import { readPathTimes } from "../support/path-times.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const nodes = ["athos", "porthos", "aramis"] as const satisfies readonly Musketeer[];
const SIZE = 84;
const MTU = 1500;
/** TCP with timestamps in what a trace leaves of the MTU. */
const MSS = MTU - hopByHopLength(SIZE) - 40 - 32;

interface Path {
  readonly lab: IoamLab;
  readonly encap: Instance;
  readonly sink: Instance;
  readonly change: RouteChange | null;
}

const openPath = (transit: "kernel" | "hopmark", segmentation: boolean): Path => {
  const lab = new IoamLab({ segmentation, ...(transit === "kernel" && { kernelIoam: ["porthos"] }) });
  const { node } = lab.identity("athos", "h_athos");
  const rule = {
    prefix: prefixHalves("db02::/64"),
    traceType: 0xfe0000,
    namespace: namespaceOf(node, 123),
    size: SIZE,
    frequency: { packets: 1, of: 1 },
    mode: "inline" as const,
    tunnel: null,
    slot: 0,
    profile: 0,
  };
  const encap = lab.encap([rule]);
  if (transit === "hopmark") lab.transit();
  const sink = lab.sink();
  const device = { index: lab.ifindex("athos", "h_athos"), name: "h_athos", mtu: MTU };
  const change = lowerRouteMtu(lab.node("athos"), "db02::/64", device, hopByHopLength(SIZE));
  return { lab, encap, sink, change };
};

const counted = (
  instance: Instance,
  map: PerCpuArrayMap<{ value: bigint }>,
  names: readonly string[],
): Record<string, number> =>
  Object.fromEntries(
    names
      .map((name, index) => [name, Number(instance.map(map).sum(index)?.value)] as const)
      .filter(([, value]) => value !== 0),
  );

const routeMtu = (lab: IoamLab): number | undefined => {
  const route = openRtnetlink(lab.node("athos"));
  try {
    return routes(route).find(({ destination }) => destination === "db02::/64")?.mtu;
  } finally {
    route.close();
  }
};

/** Waits, busily, until so many datagrams have come; in a second at most. */
const drainAll = (socket: UdpSocket, count: number): Uint8Array[] => {
  const found: Uint8Array[] = [];
  for (const end = performance.now() + 1000; found.length < count && performance.now() < end;)
    found.push(...socket.drain());
  return found;
};

/** All that could go wrong with a packet's length or checksum on the way. */
const faults = /CsumErrors|Frag|TooBig|PktTooBig|Truncated|HdrErrors|Discards|h_.* (rx|tx)_(dropped|errs)$/;

let path: Path;
let before: NetCounters[];

const open = (transit: "kernel" | "hopmark", segmentation: boolean): void => {
  path = openPath(transit, segmentation);
  before = nodes.map((node) => readNetCounters(path.lab.node(node)));
};

afterEach(() => path.lab.close());

describe.each([
  ["kernel", false, 200],
  ["kernel", true, 200],
  ["hopmark", false, 200],
  ["hopmark", true, 1000],
] as const)("transit by %s, segmentation at the links: %s", (transit, segmentation, megabytes) => {
  beforeEach(() => open(transit, segmentation));

  test(`${megabytes} MB of TCP`, { timeout: 60_000 }, async () => {
    const { lab, encap, sink, change } = path;
    const bytes = megabytes * 1e6;
    const server = await startTcpServer(lab.node("athos"));
    const client = await startTcpDownload(lab.node("aramis"), { address: "db01::1", port: server.ready.port, bytes });
    const { receivedBytes, seconds } = await client.finished;
    await server.stop();
    const sent = counted(encap, encapCounters, encapReasons);
    const received = counted(sink, sinkCounters, sinkCounterNames);
    const { records, backwards, incomplete } = readPathTimes(sink.map(sinkRing), 3);
    console.log(
      `${transit}, segmentation ${segmentation}: ${((bytes * 8) / seconds / 1e9).toFixed(1)} Gbit/s,`,
      JSON.stringify({ sent, received, records }),
    );
    expect(receivedBytes).toBe(bytes);
    const after = nodes.map((node) => readNetCounters(lab.node(node)));
    expect(nodes.map((_, index) => grown(before[index]!, after[index]!, faults))).toEqual([{}, {}, {}]);
    expect(Object.keys(sent)).toEqual(["sent", "segments"]);
    // A trace is of all segments of a packet as TCP made it. Where the sender's link cuts it, each segment comes with it.
    const packets = segmentation ? sent["sent"] : sent["segments"];
    expect(received).toMatchObject({ filled: packets, received: packets, segments: sent["segments"] });
    expect(received["ringFull"]).toBe((packets ?? 0) - records);
    expect({ backwards, incomplete }).toEqual({ backwards: [], incomplete: [] });
    expect(sent["segments"]! / sent["sent"]!).toBeGreaterThan(4);
    // Full size: but for the last ones of a write, segments carry all that the MTU lets them.
    expect(bytes / sent["segments"]!).toBeGreaterThan(MSS * 0.97);

    expect(routeMtu(lab)).toBe(MTU - hopByHopLength(SIZE));
    if (change !== null) restoreRouteMtu(lab.node("athos"), change);
    expect(routeMtu(lab)).toBe(undefined);
  });
});

describe.each([false, true])("segmentation at the links: %s", (segmentation) => {
  beforeEach(() => open("hopmark", segmentation));

  test("100 MB of TCP although nobody lowered the route's MTU", { timeout: 60_000 }, async () => {
    const { lab, encap, sink, change } = path;
    if (change !== null) restoreRouteMtu(lab.node("athos"), change);
    const bytes = 1e8;
    const server = await startTcpServer(lab.node("athos"));
    const client = await startTcpDownload(lab.node("aramis"), { address: "db01::1", port: server.ready.port, bytes });
    const { receivedBytes } = await client.finished;
    await server.stop();
    expect(receivedBytes).toBe(bytes);
    const after = nodes.map((node) => readNetCounters(lab.node(node)));
    expect(nodes.map((_, index) => grown(before[index]!, after[index]!, faults))).toEqual([{}, {}, {}]);
    const sent = counted(encap, encapCounters, encapReasons);
    const received = counted(sink, sinkCounters, sinkCounterNames);
    // Packets of several segments get shorter ones; those of one full segment go as they are.
    expect(sent["sent"]).toBeGreaterThan(100);
    expect(received["segments"]).toBe(sent["segments"]);
    expect(Object.keys(sent).filter((name) => !["sent", "segments", "tooBig"].includes(name))).toEqual([]);
  });

  test("UDP in segments: with a trace where it fits in the MTU, without one where not", () => {
    const { lab, encap, sink, change } = path;
    if (change !== null) restoreRouteMtu(lab.node("athos"), change);
    const sender = new UdpSocket(lab.node("athos"));
    const receiver = new UdpSocket(lab.node("aramis"), 5300);
    lab.onClose(() => {
      sender.close();
      receiver.close();
    });
    const room = MTU - hopByHopLength(SIZE) - 48;
    const sizes = [room, room + 1, 1452, 999, 1];
    const sends = sizes.map((segment) => {
      const bytes = Uint8Array.from({ length: Math.min(40 * segment + 7, 60_000) }, (_, index) => index % 251);
      sender.send("db02::2", 5300, bytes, segment);
      return { segment, bytes };
    });
    // As long as an IPv6 packet gets: its length field has no room for more.
    const longest = new Uint8Array(65_520).fill(7);
    sender.send("db02::2", 5300, longest, room);
    sends.push({ segment: room, bytes: longest });
    const expected = sends.flatMap(({ segment, bytes }) =>
      Array.from({ length: Math.ceil(bytes.length / segment) }, (_, index) =>
        toHex(bytes.subarray(index * segment, (index + 1) * segment)),
      ),
    );
    expect(drainAll(receiver, expected.length).map((datagram) => toHex(datagram))).toEqual(expected);
    // Without checksum offload at the device the kernel cannot segment datagrams behind another header.
    const fitting = segmentation ? sends.filter(({ segment, bytes }) => segment <= room && bytes !== longest) : [];
    const segments = fitting.reduce((sum, { segment, bytes }) => sum + Math.ceil(bytes.length / segment), 0);
    expect(counted(encap, encapCounters, encapReasons)).toEqual(
      segmentation ? { sent: 3, segments, tooBig: 3 } : { noRoom: 5, tooBig: 1 },
    );
    const { filled, received } = counted(sink, sinkCounters, sinkCounterNames);
    expect([filled, received]).toEqual(segmentation ? [3, 3] : [undefined, undefined]);
    const after = nodes.map((node) => readNetCounters(lab.node(node)));
    expect(nodes.map((_, index) => grown(before[index]!, after[index]!, faults))).toEqual([{}, {}, {}]);
  });

  test("datagrams in fragments: each fragment has a trace where it fits", () => {
    const { lab, encap, sink, change } = path;
    const sender = new UdpSocket(lab.node("athos"));
    const receiver = new UdpSocket(lab.node("aramis"), 5300);
    lab.onClose(() => {
      sender.close();
      receiver.close();
    });
    const bytes = Uint8Array.from({ length: 10_001 }, (_, index) => index % 249);
    sender.send("db02::2", 5300, bytes);
    // 1396 bytes hold 1344 of a fragment.
    expect(drainAll(receiver, 1).map((datagram) => toHex(datagram))).toEqual([toHex(bytes)]);
    expect(counted(encap, encapCounters, encapReasons)).toEqual({ sent: 8, segments: 8 });
    if (change !== null) restoreRouteMtu(lab.node("athos"), change);
    sender.send("db02::2", 5300, bytes);
    expect(drainAll(receiver, 1).map((datagram) => toHex(datagram))).toEqual([toHex(bytes)]);
    // Of 1500 bytes each the first six are full; the seventh has 1321 of the 10,009.
    expect(counted(encap, encapCounters, encapReasons)).toEqual({ sent: 9, segments: 9, tooBig: 6 });
    expect(counted(sink, sinkCounters, sinkCounterNames)).toMatchObject({ filled: 9, received: 9, segments: 9 });
  });

  test("echo requests of every odd size", { timeout: 60_000 }, async () => {
    const { lab, encap } = path;
    const sizes = [8, 9, 63, 1275, 1347, 1348, 1349, 5003, 65_000];
    for (const payloadBytes of sizes) {
      const ping = await startPing(lab.node("athos"), { target: "db02::2", payloadBytes, count: 2, intervalMs: 5 });
      expect({ payloadBytes, ...(await ping.finished) }).toMatchObject({
        payloadBytes,
        sent: 2,
        received: 2,
        errors: 0,
      });
    }
    const { sent, segments, ...refused } = counted(encap, encapCounters, encapReasons);
    expect(refused).toEqual({});
    expect(sent).toBeGreaterThan(2 * sizes.length);
    const after = nodes.map((node) => readNetCounters(lab.node(node)));
    const found = nodes.map((_, index) =>
      grown(before[index]!, after[index]!, /CsumErrors|TooBig|HdrErrors|Discards|dropped|errs/),
    );
    expect({ found, segments }).toEqual({ found: [{}, {}, {}], segments: sent });
  });
});
