/** Transit at XDP in the lab of three nodes: what is forwarded there, and what the stack does with the rest. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import type { NetlinkSocket } from "../../src/linux/netlink/socket.ts";
import { setLink } from "../../src/linux/rtnetlink/links.ts";
import { deleteNeighbour, setNeighbour } from "../../src/linux/rtnetlink/neighbours.ts";
import { addRoute, deleteRoute } from "../../src/linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import {
  addEncap,
  addSink,
  addTransit,
  deleteEncap,
  deleteExport,
  deleteSink,
  deleteTransit,
  refreshIoam,
  showIoam,
} from "../../src/mark/ioam/control.ts";
import { concat, frame, HOP_BY_HOP_AT, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";
import { toHex } from "../../src/wire/hex.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { grown, readNetCounters } from "../../src/linux/net-counters.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";

const ATHOS = "2e:fe:7c:b0:c7:72";
const PORTHOS_A = "2e:fe:7c:b0:c7:21";
const PORTHOS_B = "2e:fe:7c:b0:c7:22";
const ARAMIS = "2e:fe:7c:b0:c7:31";

let lab: IoamLab;
let near: PacketSocket;
let far: PacketSocket;
let route: NetlinkSocket;
/** porthos' interface to aramis. */
let out: number;

const target = (node: "athos" | "porthos" | "aramis", device: string) => ({ device, netns: `${lab.name}-${node}` });

/** What transit has counted that is not 0. */
const counters = (): Record<string, number> => {
  const [transit] = showIoam(`${lab.name}-porthos`).filter(({ device }) => device === "h_porthos_a");
  const found = Object.entries(transit?.counters ?? {}).filter(([, value]) => value !== 0n);
  return Object.fromEntries(found.map(([name, value]) => [name, Number(value)]));
};

let before: Record<string, number> = {};
const counted = (): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counters()).flatMap(([name, value]) =>
      value === before[name] ? [] : [[name, value - (before[name] ?? 0)]],
    ),
  );

beforeAll(() => {
  lab = new IoamLab({ xdp: true });
  near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"));
  far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  route = openRtnetlink(lab.node("porthos"));
  lab.onClose(() => {
    near.close();
    far.close();
    route.close();
  });
  out = lab.ifindex("porthos", "h_porthos_b");
  expect(addTransit(target("porthos", "h_porthos_a"), { xdp: true })).toEqual({
    xdp: { mode: "native", frags: false, table: false },
    warnings: [],
    changed: false,
  });
});

// Pins outlive their namespace, whose number is given to others.
afterAll(() => {
  const features = { transit: deleteTransit, export: deleteExport, sink: deleteSink, encap: deleteEncap } as const;
  for (const node of ["athos", "porthos", "aramis"] as const) {
    for (const { kind, device } of showIoam(`${lab.name}-${node}`)) features[kind](target(node, device));
  }
  lab.close();
});

const HEADER = traceHeader();
const BYTES_OF_ENTRY = 16;
/** Where the newest entry is: each takes four words from the end of the twelve. */
const ENTRY_AT = HOP_BY_HOP_AT + 16 + 48 - BYTES_OF_ENTRY;

const encapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
} as const;

let label = 0;
const frameTo = (destination: string, changes: Partial<Parameters<typeof frame>[0]> = {}): Uint8Array =>
  frame({
    hopByHop: HEADER,
    sourceMac: ATHOS,
    destinationMac: PORTHOS_A,
    destination,
    flowLabel: ++label,
    payload: new Uint8Array(100).fill(0x77),
    ...changes,
  });

const labelOf = (bytes: Uint8Array): number => ((bytes[15]! & 15) << 16) | (bytes[16]! << 8) | bytes[17]!;

/** What came out at a side that `is` it; undefined when nothing did within two seconds. */
const arrival = (socket: PacketSocket, is: (bytes: Uint8Array) => boolean): Uint8Array | undefined => {
  for (;;) {
    const came = socket.next(2000);
    if (came === null) return undefined;
    if (is(came)) return came;
  }
};

/** Sends a frame from athos, and waits for it at aramis. */
const pass = (sent: Uint8Array): Uint8Array | undefined => {
  near.send(sent);
  return arrival(far, (came) => labelOf(came) === labelOf(sent));
};

const ICMPV6_AT = 54;
/** The packet that an ICMPv6 error of this type quotes, from its IPv6 header on, and the error's own word. */
const quoted = (type: number): { value: number; packet: Uint8Array } | undefined => {
  const error = arrival(near, (came) => came[20] === 58 && came[ICMPV6_AT] === type);
  if (error === undefined) return undefined;
  const view = new DataView(error.buffer, error.byteOffset, error.length);
  return { value: view.getUint32(ICMPV6_AT + 4), packet: error.slice(ICMPV6_AT + 8) };
};

const freeWords = (bytes: Uint8Array, network = 14): number => bytes[network + 40 + 11]! & 127;

/** The first packet to an interface goes through the stack, and one each second. */
const settle = (): void => {
  for (let tries = 0; tries < 50; tries++) {
    before = counters();
    expect(pass(frameTo("db02::2"))).toBeDefined();
    if (counted()["forwarded"] === 1) {
      before = counters();
      return;
    }
  }
  throw new Error("no packet is forwarded at XDP");
};

/** What was counted; the packet of each second that goes through the stack, as one that is forwarded. */
const carried = (): Readonly<Record<string, number>> => {
  const { forwarded = 0, confirming = 0, ...others } = counted();
  return { ...others, forwarded: forwarded + confirming };
};

beforeEach(settle);

test("a frame comes out with the next hop's addresses, a hop less, and both interfaces' ids in the trace", () => {
  const sent = frameTo("db02::2");
  const came = pass(sent)!;
  expect(toHex(came, 0, 14)).toBe(`0x${`${ARAMIS}${PORTHOS_B}`.replaceAll(":", "")}86dd`);
  expect([came[21], freeWords(came)]).toEqual([63, 8]);
  const entry = toHex(came, ENTRY_AT, 8);
  expect(entry).toBe("0x3f00000200150016");
  // All else is as it was.
  expect(toHex(came, 22, 43)).toBe(toHex(sent, 22, 43));
  expect(toHex(came, ENTRY_AT + BYTES_OF_ENTRY)).toBe(toHex(sent, ENTRY_AT + BYTES_OF_ENTRY));
  expect(carried()).toEqual({ filled: 1, forwarded: 1 });
});

test("each of 5000 frames is filled once and comes out once", () => {
  const frames = 5000;
  const batch = 50;
  let came = 0;
  for (let sent = 0; sent < frames; sent += batch) {
    for (let index = 0; index < batch; index++) near.send(frameTo("db02::2"));
    while (came < sent + batch) {
      const next = arrival(far, (bytes) => bytes[20] === 0);
      if (next === undefined) break;
      expect([next[21], freeWords(next)]).toEqual([63, 8]);
      came++;
    }
  }
  expect(came).toBe(frames);
  expect(carried()).toEqual({ filled: frames, forwarded: frames });
});

describe("what cannot be forwarded at XDP is filled once and left to the stack", () => {
  test("hop limit 1: the stack says time exceeded", () => {
    near.send(frameTo("db02::2", { hopLimit: 1 }));
    const { packet } = quoted(3)!;
    expect(freeWords(packet, 0)).toBe(8);
    expect(counted()).toEqual({ filled: 1, hopLimit: 1 });
  });

  test("longer than the way out carries: the stack says how much it carries", () => {
    setLink(route, out, { mtu: 1300 });
    try {
      near.send(frameTo("db02::2", { payload: new Uint8Array(1300 - 40 - HEADER.length + 1) }));
      const { value, packet } = quoted(2)!;
      expect([value, freeWords(packet, 0)]).toEqual([1300, 8]);
      expect(counted()).toEqual({ filled: 1, tooBig: 1 });
      const fits = frameTo("db02::2", { payload: new Uint8Array(1300 - 40 - HEADER.length) });
      expect(pass(fits)).toBeDefined();
      expect(carried()).toEqual({ filled: 2, tooBig: 1, forwarded: 1 });
    } finally {
      setLink(route, out, { mtu: 1500 });
    }
  });

  test("for the node itself: nobody listens at the port", () => {
    const udp = Uint8Array.of(0, 9, 0, 9, 0, 8, 0, 0);
    near.send(frameTo("db01::2", { hopByHop: concat([Uint8Array.of(17), HEADER.subarray(1)]), payload: udp }));
    // A checksum of 0 is none: the stack drops it, and counts it.
    expect(counted()).toEqual({ filled: 1, notForwarded: 1 });
  });

  test("a destination that the node must not reach", () => {
    const ip = (what: string): void =>
      void execFileSync("ip", ["-n", `${lab.name}-porthos`, "-6", "route", what, "unreachable", "db02::66/128"]);
    ip("add");
    near.send(frameTo("db02::66"));
    expect(freeWords(quoted(1)!.packet, 0)).toBe(8);
    ip("del");
    expect(counted()).toEqual({ filled: 1, unreachable: 1 });
  });

  test("no neighbour: the stack finds it, and the frames that follow are forwarded at XDP again", () => {
    deleteNeighbour(route, out, "db02::2");
    try {
      expect(freeWords(pass(frameTo("db02::2"))!)).toBe(8);
      expect(counted()).toEqual({ filled: 1, noNeighbour: 1 });
      expect(toHex(pass(frameTo("db02::2"))!, 0, 6)).toBe(`0x${ARAMIS.replaceAll(":", "")}`);
      expect(carried()).toEqual({ filled: 2, noNeighbour: 1, forwarded: 1 });
    } finally {
      setNeighbour(route, out, "db02::2", ARAMIS);
    }
  });
});

test("a route that comes and goes is followed at once", () => {
  const way = { destination: "db03::/64", gateway: "db02::2", device: out };
  near.send(frameTo("db03::3"));
  expect(counted()).toEqual({ filled: 1, notForwarded: 1 });
  addRoute(route, way);
  expect(toHex(pass(frameTo("db03::3"))!, 0, 6)).toBe(`0x${ARAMIS.replaceAll(":", "")}`);
  deleteRoute(route, way);
  near.send(frameTo("db03::3"));
  expect(carried()).toEqual({ filled: 3, notForwarded: 2, forwarded: 1 });
});

test("what does not go together is refused, and changes nothing", () => {
  const refusals: [() => unknown, string][] = [
    [() => addTransit(target("porthos", "h_porthos_a")), "h_porthos_a is a transit node's already"],
    [() => addSink(target("porthos", "h_porthos_a")), "transit at XDP fills traces on h_porthos_a, as a sink does"],
  ];
  for (const [run, message] of refusals) expect(run).toThrow(message);
  const other = target("porthos", "h_porthos_b");
  addSink(other);
  expect(() => addTransit(other, { xdp: true })).toThrow("h_porthos_b is a sink, which fills traces itself");
  deleteSink(other);
  const enabled = "net/ipv6/conf/h_porthos_b/ioam6_enabled";
  writeSysctl(lab.node("porthos"), enabled, 1);
  expect(() => addTransit(other, { xdp: true })).toThrow("the kernel's own IOAM fills traces on h_porthos_b");
  writeSysctl(lab.node("porthos"), enabled, 0);
  expect(showIoam(other.netns).map(({ kind, device }) => [kind, device])).toEqual([["transit", "h_porthos_a"]]);
});

test("what has changed takes effect by a refresh, while counters stay and frames pass", () => {
  writeSysctl(lab.node("porthos"), "net/ipv6/conf/h_porthos_b/ioam6_id", 0x1234);
  expect(refreshIoam(`${lab.name}-porthos`)).toEqual(["h_porthos_a"]);
  settle();
  expect(toHex(pass(frameTo("db02::2"))!, ENTRY_AT + 4, 4)).toBe("0x00151234");
  expect(counters()["filled"]).toBeGreaterThan(5000);
  writeSysctl(lab.node("porthos"), "net/ipv6/conf/h_porthos_b/ioam6_id", 22);
});

test("programs are replaced under traffic, and no packet is lost", { timeout: 60_000 }, async () => {
  const count = 200;
  const pinging = await startPing(lab.node("athos"), { target: "db02::2", payloadBytes: 100, count, intervalMs: 5 });
  addEncap(target("athos", "h_athos"), encapOptions);
  let refreshed = 0;
  for (let over = false; !over; refreshed++) {
    refreshIoam(`${lab.name}-porthos`);
    over = await Promise.race([pinging.finished.then(() => true), new Promise<false>((go) => setImmediate(go, false))]);
  }
  expect(await pinging.finished).toMatchObject({ sent: count, received: count, errors: 0 });
  expect(refreshed).toBeGreaterThan(2);
  deleteEncap(target("athos", "h_athos"));
});

test("taking it away leaves nothing behind, and the stack forwards", () => {
  const a = target("porthos", "h_porthos_a");
  deleteTransit(a);
  expect(freeWords(pass(frameTo("db02::2"))!)).toBe(12);
  expect(showIoam(a.netns)).toEqual([]);
  const links = execFileSync("ip", ["-n", a.netns, "-d", "link"], { encoding: "utf8" });
  expect(links).not.toMatch(/xdp/);
  addTransit(a, { xdp: true });
});

test("TCP and echo requests with traces, from end to end", { timeout: 30_000 }, async () => {
  addEncap(target("athos", "h_athos"), encapOptions);
  addSink(target("aramis", "h_aramis"));
  const nodes = ["athos", "porthos", "aramis"] as const;
  const start = nodes.map((node) => readNetCounters(lab.node(node)));
  const ping = await startPing(lab.node("athos"), { target: "db02::2", payloadBytes: 1000, count: 50, intervalMs: 2 });
  expect(await ping.finished).toMatchObject({ sent: 50, received: 50, errors: 0 });
  const bytes = 30e6;
  const server = await startTcpServer(lab.node("athos"));
  const client = await startTcpDownload(lab.node("aramis"), { address: "db01::1", port: server.ready.port, bytes });
  expect((await client.finished).receivedBytes).toBe(bytes);
  await server.stop();
  const faults = nodes.map((node, index) =>
    grown(start[index]!, readNetCounters(lab.node(node)), /CsumErrors|Truncated|HdrErrors|Discards|TooBig/),
  );
  expect(faults).toEqual([{}, {}, {}]);
  // A trace is of each segment that TCP's packets were cut into.
  const [sent] = showIoam(`${lab.name}-athos`).map((status) => status.counters["segments"]);
  const [sink] = showIoam(`${lab.name}-aramis`).map((status) => status.counters);
  const { filled, forwarded = 0, confirming = 0, noNeighbour = 0, ...others } = counted();
  const packets = Number(sent);
  const went = forwarded + confirming + noNeighbour;
  expect({ filled, went, others }).toEqual({ filled: packets, went: packets, others: {} });
  // GRO makes one packet of neighbours that are alike, traces included: those of the same microsecond at both nodes.
  expect([sink?.["segments"], sink?.["filled"]]).toEqual([sent, sink?.["received"]]);
  expect(forwarded).toBeGreaterThan(packets * 0.9);
});
