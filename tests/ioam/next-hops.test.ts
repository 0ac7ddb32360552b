/** The next-hop table in the lab: what its keeper hears is true at once, and without a keeper nothing of it is believed. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openPins, removeLeftovers } from "../../src/bpf/pin/registry.ts";
import type { NetlinkSocket } from "../../src/linux/netlink/socket.ts";
import { deleteNeighbour, setNeighbour } from "../../src/linux/rtnetlink/neighbours.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { readClock } from "../../src/linux/clock.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { addTransit, deleteTransit, NextHopKeeper, showIoam, type NextHopChange } from "../../src/mark/ioam/control.ts";
import { frame, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";
import { leaseUntil } from "../../src/mark/ioam/transit/xdp-maps.ts";
import { toHex } from "../../src/wire/hex.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";

const ARAMIS = "2e:fe:7c:b0:c7:31";

let lab: IoamLab;
let near: PacketSocket;
let far: PacketSocket;
let route: NetlinkSocket;
let out: number;
let netns: string;

beforeAll(() => {
  lab = new IoamLab({ xdp: true });
  netns = `${lab.name}-porthos`;
  near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"));
  far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  route = openRtnetlink(lab.node("porthos"));
  out = lab.ifindex("porthos", "h_porthos_b");
  lab.onClose(() => {
    near.close();
    far.close();
    route.close();
  });
  addTransit({ device: "h_porthos_a", netns }, { xdp: true, nextHops: true });
});

// Pins outlive their namespace, whose number is given to others.
afterAll(() => {
  lab.close();
  removeLeftovers();
});

const counters = (): Record<string, number> => {
  const [transit] = showIoam(netns);
  return Object.fromEntries(Object.entries(transit?.counters ?? {}).map(([name, value]) => [name, Number(value)]));
};

let label = 0;
/** Sends a frame from athos: what counted it at porthos, and its destination address at aramis, if it got there. */
const pass = (destination = "db02::2"): { way: string; to: string | undefined } => {
  const before = counters();
  const sent = frame({
    hopByHop: traceHeader(),
    sourceMac: "2e:fe:7c:b0:c7:72",
    destinationMac: "2e:fe:7c:b0:c7:21",
    destination,
    flowLabel: ++label,
  });
  near.send(sent);
  const after = counters();
  const way = Object.keys(after).find((name) => name !== "filled" && after[name] !== before[name]) ?? "none";
  let to: string | undefined;
  for (let came = far.next(200); came !== null; came = far.next(200)) {
    if (toHex(came, 14, 4) !== toHex(sent, 14, 4)) continue;
    to = toHex(came, 0, 6);
    break;
  }
  return { way, to };
};

/** A packet a second goes through the stack when the kernel is asked. */
const byKernel = (): void => {
  expect(["forwarded", "confirming"]).toContain(pass().way);
};

const keep = (changes: NextHopChange[] = []): NextHopKeeper => {
  const keeper = new NextHopKeeper({ netns, onChange: (change) => changes.push(change) });
  onTestFinished(() => keeper.close());
  return keeper;
};

const until = async (is: () => boolean): Promise<void> => {
  for (const end = performance.now() + 5000; !is(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (performance.now() > end) throw new Error("not within 5 s");
};

const macOf = (text: string): string => `0x${text.replaceAll(":", "")}`;
const ip = (...words: string[]): void => void execFileSync("ip", ["-n", netns, "-6", ...words]);

test("without a keeper the kernel is asked; with one the table answers, and after its end the kernel again", () => {
  byKernel();
  const keeper = keep();
  expect(keeper.devices).toEqual(["h_porthos_a"]);
  expect(pass()).toEqual({ way: "forwardedByTable", to: macOf(ARAMIS) });
  expect(showIoam(netns)).toMatchObject([{ xdp: { table: true, kept: true } }]);
  keeper.close();
  byKernel();
  expect(showIoam(netns)).toMatchObject([{ xdp: { table: true, kept: false } }]);
});

test("a keeper that hangs is not believed for longer than its lease", () => {
  keep();
  expect(pass().way).toBe("forwardedByTable");
  const place = { netnsInode: lab.node("porthos").inode, feature: "ioam-transit", device: "h_porthos_a" };
  const pins = openPins({ ...place, ifindex: lab.ifindex("porthos", "h_porthos_a") }, lab.node("porthos"));
  const left = pins.map("lease_until", leaseUntil).value - readClock("tai");
  pins.close();
  expect(left).toBeLessThanOrEqual(2_000_000_000n);
  // This thread is the keeper's: as long as it waits here, nobody renews.
  const pause = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(pause, 0, 0, 2010);
  byKernel();
});

test("routes, neighbours and rules that change are followed", async () => {
  const changes: NextHopChange[] = [];
  keep(changes);
  const { length } = changes;
  expect(length).toBe(1);

  ip("route", "add", "db03::/64", "via", "db02::2");
  await until(() => changes.length >= length + 1);
  expect(pass("db03::3")).toEqual({ way: "forwardedByTable", to: macOf(ARAMIS) });

  // More specific, and only the kernel understands it.
  ip("route", "add", "unreachable", "db03::3");
  await until(() => changes.length >= length + 2);
  expect(pass("db03::3")).toEqual({ way: "unreachable", to: undefined });
  ip("route", "del", "unreachable", "db03::3");
  ip("route", "del", "db03::/64");
  await until(() => pass("db03::3").way === "notForwarded");

  setNeighbour(route, out, "db02::2", "02:00:00:00:00:99");
  await until(() => pass().to !== macOf(ARAMIS));
  expect(pass()).toEqual({ way: "forwardedByTable", to: macOf("02:00:00:00:00:99") });
  deleteNeighbour(route, out, "db02::2");
  await until(() => changes.at(-1)?.entries === 1);
  // The stack finds it, and the table has it again.
  expect(pass()).toEqual({ way: "noNeighbour", to: macOf(ARAMIS) });
  await until(() => changes.at(-1)?.entries === 2);
  expect(pass()).toEqual({ way: "forwardedByTable", to: macOf(ARAMIS) });

  ip("rule", "add", "from", "db09::/64", "lookup", "100");
  await until(() => changes.at(-1)?.empty === "rules");
  byKernel();
  ip("rule", "del", "from", "db09::/64", "lookup", "100");
  await until(() => changes.at(-1)?.entries === 2);

  writeSysctl(lab.node("porthos"), "net/ipv6/conf/all/forwarding", 0);
  await until(() => changes.at(-1)?.empty === "forwarding off");
  expect(pass()).toEqual({ way: "forwardingOff", to: undefined });
  writeSysctl(lab.node("porthos"), "net/ipv6/conf/all/forwarding", 1);
  await until(() => changes.at(-1)?.entries === 2);
  setNeighbour(route, out, "db02::2", ARAMIS);
});

test("an interface's id and its MTU are in the table, also when nobody announces them", async () => {
  const changes: NextHopChange[] = [];
  keep(changes);
  writeSysctl(lab.node("porthos"), "net/ipv6/conf/h_porthos_b/mtu", 1280);
  await until(() => changes.length === 2);
  const long = frame({
    hopByHop: traceHeader(),
    payload: new Uint8Array(1300),
    sourceMac: "2e:fe:7c:b0:c7:72",
    destinationMac: "2e:fe:7c:b0:c7:21",
  });
  const before = counters()["tooBig"] ?? 0;
  near.send(long);
  expect(counters()["tooBig"]).toBe(before + 1);
  writeSysctl(lab.node("porthos"), "net/ipv6/conf/h_porthos_b/mtu", 1500);
});

test("a second keeper is refused, and so is one without a table", () => {
  keep();
  expect(() => new NextHopKeeper({ netns })).toThrow("another process keeps the next hops of h_porthos_a already");
  expect(() => new NextHopKeeper({ netns, device: "h_porthos_b" })).toThrow("h_porthos_b has no next-hop table");
  expect(pass().way).toBe("forwardedByTable");
});

test("a table that is made anew meanwhile is kept", async () => {
  const changes: NextHopChange[] = [];
  const keeper = keep(changes);
  deleteTransit({ device: "h_porthos_a", netns });
  addTransit({ device: "h_porthos_a", netns }, { xdp: true, nextHops: true });
  await until(() => changes.length === 2);
  expect(pass().way).toBe("forwardedByTable");
  expect(keeper.devices).toEqual(["h_porthos_a"]);
});

test("an interface that goes takes nobody along, also when others have cleaned up behind it", async () => {
  const changes: NextHopChange[] = [];
  const keeper = keep(changes);
  ip("link", "del", "h_porthos_a");
  // At once: the keeper has heard nothing yet.
  removeLeftovers();
  await until(() => changes.at(-1)?.empty === "forwarding off");
  expect(() => keeper.renew()).not.toThrow();
});
