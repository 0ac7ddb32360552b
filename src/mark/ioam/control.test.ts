/** Setting IOAM up and taking it away, on devices of a lab. */
import { existsSync, renameSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PIN_ROOT } from "../../bpf/pin/place.ts";
import { listPins, removeLeftovers } from "../../bpf/pin/registry.ts";
import { labDown, labUp, musketeers, openNode } from "../../lab/index.ts";
import { Ioam6 } from "../../linux/genetlink/ioam6.ts";
import { processIdentity } from "../../linux/process-identity.ts";
import { routes, addRoute, deleteRoute } from "../../linux/rtnetlink/routes.ts";
import { linkByName, setLink } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { writeSysctl } from "../../linux/sysctl.ts";
import { planTrace } from "../../wire/ioam/plan.ts";
import {
  addEncap,
  addSink,
  addTransit,
  deleteEncap,
  deleteSink,
  deleteTransit,
  openSink,
  refreshIoam,
  showIoam,
  type EncapOptions,
} from "./control.ts";

// Labs and compilations, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

const lab = `control${process.pid}`;
const athos = { device: "h_athos", netns: `${lab}-athos` };
const porthos = { device: "h_porthos_a", netns: `${lab}-porthos` };
const aramis = { device: "h_aramis", netns: `${lab}-aramis` };
const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};
const BYTES = 104;

beforeEach(() => {
  const owner = processIdentity();
  labUp(musketeers(), lab, owner === undefined ? {} : { owner });
  // Labs of others may have had the numbers that this one's namespaces got.
  for (const node of ["athos", "porthos", "aramis"]) {
    const netns = openNode(lab, node);
    removeLeftovers(netns.inode);
    netns.close();
  }
});
afterEach(() => {
  labDown(lab);
});

const inNode = <R>(node: string, run: (socket: ReturnType<typeof openRtnetlink>) => R): R => {
  const netns = openNode(lab, node);
  const socket = openRtnetlink(netns);
  try {
    return run(socket);
  } finally {
    socket.close();
    netns.close();
  }
};

const mtuTo = (destination: string): number | undefined =>
  inNode("athos", (socket) => routes(socket).find((route) => route.destination === destination)?.mtu);

const pinsOf = (node: string): string[] => {
  const netns = openNode(lab, node);
  const own = listPins().filter(({ place }) => place.netnsInode === netns.inode);
  netns.close();
  return own.map(({ place }) => `${place.feature} ${place.device}`).toSorted();
};

test("a rule lowers its route's MTU, is shown, and leaves nothing behind", () => {
  const report = addEncap(athos, rule);
  expect(report).toMatchObject({ prefix: "db02::/64", warnings: [], route: { mtu: 1500 - BYTES, added: false } });
  expect(mtuTo("db02::/64")).toBe(1500 - BYTES);
  const plan = planTrace({ traceType: 0xfe_0000, hops: 3, mode: "inline", linkMtu: 1500, schemaWords: 0 });
  expect({ mtu: plan.mtu, size: plan.size }).toEqual({ mtu: 1500 - BYTES, size: rule.size });
  expect(showIoam(athos.netns)).toMatchObject([
    { kind: "encap", device: "h_athos", rule: { prefix: "db02::/64" }, counters: { sent: 0n } },
  ]);
  expect(deleteEncap(athos, "db02::/64")).toHaveLength(1);
  expect(mtuTo("db02::/64")).toBeUndefined();
  expect(showIoam(athos.netns)).toEqual([]);
  expect(pinsOf("athos")).toEqual([]);
});

test("rules come and go while others stay", () => {
  addEncap(athos, rule);
  const second = addEncap(athos, { ...rule, prefix: "db03::/64", frequency: { packets: 1, of: 3 } });
  expect(second.route).toBeNull();
  expect(second.warnings).toHaveLength(1);
  expect(pinsOf("athos")).toEqual(["ioam-encap h_athos"]);
  deleteEncap(athos, "db02::/64");
  expect(showIoam(athos.netns)).toMatchObject([{ rule: { prefix: "db03::/64" } }]);
  const third = addEncap(athos, rule);
  expect(third.slot).toBe(0);
  expect(deleteEncap(athos)).toHaveLength(2);
  expect(pinsOf("athos")).toEqual([]);
});

test("a wider route gets a narrower one beside it, which goes with the rule", () => {
  inNode("athos", (socket) => {
    const index = linkByName(socket, "h_athos").index;
    addRoute(socket, { destination: "db04::/32", gateway: "db01::2", device: index });
  });
  addEncap(athos, { ...rule, prefix: "db04:0:1::/64" });
  expect(mtuTo("db04:0:1::/64")).toBe(1500 - BYTES);
  expect(mtuTo("db04::/32")).toBeUndefined();
  deleteEncap(athos);
  expect(inNode("athos", (socket) => routes(socket).filter((route) => route.destination === "db04:0:1::/64"))).toEqual(
    [],
  );
});

test("a route that somebody changed meanwhile is left alone", () => {
  addEncap(athos, rule);
  inNode("athos", (socket) => {
    const index = linkByName(socket, "h_athos").index;
    deleteRoute(socket, { destination: "db02::/64", device: index });
    addRoute(socket, { destination: "db02::/64", gateway: "db01::2", device: index, mtu: 1300 });
  });
  deleteEncap(athos);
  expect(mtuTo("db02::/64")).toBe(1300);
});

test("what is refused changes nothing", () => {
  const refusals: [() => unknown, string][] = [
    [() => addEncap(athos, { ...rule, size: 85 }), "size 85 is not a multiple of 4"],
    [() => addEncap(athos, { ...rule, namespaceId: 7 }), "IOAM namespace 7 is not known on this node (it has 123)"],
    [() => addEncap({ ...athos, device: "eth9" }, rule), "eth9"],
    [() => addEncap({ ...athos, netns: "nowhere" }, rule), "nowhere"],
    [() => deleteEncap(athos, "db02::/64"), "h_athos does not trace packets to db02::/64"],
    [() => deleteTransit(porthos), "h_porthos_a has no ioam transit"],
    [() => openSink(aramis), "h_aramis has no sink"],
  ];
  for (const [run, message] of refusals) expect(run).toThrow(message);
  expect([mtuTo("db02::/64"), pinsOf("athos"), pinsOf("porthos"), pinsOf("aramis")]).toEqual([undefined, [], [], []]);
});

test("an MTU too small for IPv6 is refused before anything is changed", () => {
  inNode("athos", (socket) => setLink(socket, linkByName(socket, "h_athos").index, { mtu: 1380 }));
  const { size: _, ...withoutSize } = rule;
  expect(() => addEncap(athos, rule)).toThrow("leaves an MTU of 1276 on h_athos, less than IPv6's minimum of 1280");
  inNode("athos", (socket) => setLink(socket, linkByName(socket, "h_athos").index, { mtu: 1300 }));
  expect(() => addEncap(athos, { ...withoutSize, trace: "dex" })).toThrow(
    "Direct Export takes 24 bytes and leaves an MTU of 1276 on h_athos",
  );
  expect([mtuTo("db02::/64"), pinsOf("athos")]).toEqual([undefined, []]);
});

test("transit and sink are there once, and not where the kernel fills", () => {
  addTransit(porthos);
  expect(() => addTransit(porthos)).toThrow("h_porthos_a is a transit node's already");
  addSink(aramis, { keep: true });
  expect(() => addSink(aramis)).toThrow("h_aramis is a sink already");
  refreshIoam(aramis.netns);
  expect(showIoam(aramis.netns)).toMatchObject([{ kind: "sink", device: "h_aramis", options: { keep: true } }]);
  expect([pinsOf("porthos"), pinsOf("aramis")]).toEqual([["ioam-transit h_porthos_a"], ["ioam-sink h_aramis"]]);
  deleteTransit(porthos);
  deleteSink(aramis);
  expect([pinsOf("porthos"), pinsOf("aramis")]).toEqual([[], []]);
  const netns = openNode(lab, "porthos");
  writeSysctl(netns, "net/ipv6/conf/h_porthos_a/ioam6_enabled", 1);
  netns.close();
  expect(() => addTransit(porthos)).toThrow(
    "the kernel's own IOAM fills traces on h_porthos_a: each would get two entries",
  );
});

test("what an earlier namespace of the same numbers left behind is not taken for this one's", () => {
  const pinsIn = (): string => {
    const netns = openNode(lab, "athos");
    netns.close();
    return `${PIN_ROOT}/netns-${netns.inode}`;
  };
  addEncap(athos, rule);
  const before = pinsIn();
  labDown(lab);
  labUp(musketeers(), lab);
  // Numbers are given again sooner or later.
  if (pinsIn() !== before) renameSync(before, pinsIn());
  expect(showIoam(athos.netns)).toEqual([]);
  expect(existsSync(`${pinsIn()}/ioam-encap`)).toBe(false);
  expect(refreshIoam(athos.netns)).toEqual([]);
  expect(addEncap(athos, rule).slot).toBe(0);
  deleteEncap(athos);
});

test("a namespace that comes later takes effect by a refresh, counters stay", () => {
  addTransit(porthos);
  const netns = openNode(lab, "porthos");
  const kernel = new Ioam6(netns);
  kernel.addNamespace({ id: 7 });
  kernel.close();
  netns.close();
  expect(refreshIoam(porthos.netns)).toEqual(["h_porthos_a"]);
  expect(showIoam(porthos.netns)).toMatchObject([{ kind: "transit", counters: { filled: 0n } }]);
  deleteTransit(porthos);
});
