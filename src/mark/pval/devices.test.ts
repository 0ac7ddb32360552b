/** pval devices: what is refused, what is changed and put back, and what is mended. */
import { closeSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { listPins, openPins } from "../../bpf/pin/registry.ts";
import { readOffloads, type Offload } from "../../linux/ethtool.ts";
import { temporaryRtnetlink } from "../../linux/fixtures/temporary-netns.ts";
import { addAddress } from "../../linux/rtnetlink/addresses.ts";
import { createVeth, deleteLink, findLink, linkByName, links, setLink } from "../../linux/rtnetlink/links.ts";
import { addRoute, deleteRoute, ipv4Routes, type RouteSpec } from "../../linux/rtnetlink/routes.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";
import { openTun } from "../../../tests/support/tun-cable.ts";
import { waitUsable } from "../../linux/rtnetlink/usable.ts";
import { addPval, deletePval, setPval, showDevices, type PvalOptions } from "./control.ts";
import { noteIn, toJson } from "./note.ts";
import { createPair, farName } from "./pair.ts";

const CUTTING: readonly Offload[] = ["tso", "gso", "uso"];

/** A namespace with two interfaces, `low` and `high`, that are each other's ends. */
const scene = () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "low" }, { name: "high" });
  for (const { index } of links(route)) setLink(route, index, { up: true });
  for (const device of ["low", "high"]) waitUsable(route, device, []);
  const { name } = netns;
  const add = (options: Partial<PvalOptions> = {}, device?: string) =>
    addPval({ name: device, link: "low", options, inPlace: false }, name);
  const pins = () =>
    listPins().filter(({ place }) => place.netnsInode === netns.inode && place.feature.startsWith("pval-"));
  onTestFinished(() => {
    for (const { place } of pins()) openPins(place, netns).remove();
  });
  const offloads = (device: string) => CUTTING.map((own) => readOffloads(route, device).get(own)?.state);
  const state = () => showDevices(name).map((device) => [device.name, device.state]);
  return { netns, route, name, add, pins, offloads, state };
};

const on = ["on", "on", "on"];
const off = ["off", "off", "off"];

test("takes the MAC address over, makes the device below promiscuous, and puts everything back", () => {
  const { route, name, add, pins, offloads } = scene();
  const before = links(route);
  const { note } = add();
  expect(note.upper.name).toBe("pval0");
  const [low, pval] = [linkByName(route, "low"), linkByName(route, "pval0")];
  expect(pval).toMatchObject({ mac: low.mac, mtu: 1500, up: false });
  expect(low.promiscuous).toBe(true);
  expect(offloads("pval0")).toEqual(on);
  setPval({ name: "pval0", options: { ipopt: true } }, name);
  expect(linkByName(route, "pval0").mtu).toBe(1488);
  expect(offloads("pval0")).toEqual(off);
  setPval({ name: "pval0", link: "low", options: { ipopt: false, rxcopy: true } }, name);
  expect(linkByName(route, "pval0").mtu).toBe(1500);
  expect(offloads("pval0")).toEqual(on);
  expect(pins().length).toBe(2);
  // With the MTU of the device below.
  setLink(route, low.index, { mtu: 1280 });
  expect(showDevices(name)).toMatchObject([{ mtu: 1500, linkMtu: 1280 }]);
  for (const [ipopt, mtu] of [
    [false, 1280],
    [true, 1268],
    [false, 1280],
  ] as const) {
    setPval({ name: "pval0", options: { ipopt } }, name);
    expect(linkByName(route, "pval0").mtu).toBe(mtu);
  }
  setLink(route, low.index, { mtu: 1500 });
  deletePval("pval0", name);
  expect(links(route)).toEqual(before);
  expect(pins()).toEqual([]);
});

/** Of Linux's ARPHRD numbers. */
const [TUNNEL, PPP] = [768, 512];

test("says so where nothing cuts packets up: in place on PPP", () => {
  const { name, netns, route } = scene();
  const file = openTun(netns, "tun7", PPP);
  onTestFinished(() => closeSync(file));
  const { remarks } = addPval({ link: "tun7", options: { ipopt: true }, inPlace: true }, name);
  expect(remarks).toContainEqual(expect.stringMatching(/UDP_SEGMENT.* pass unmarked on tun7/));
  expect(remarks).toContainEqual(expect.stringMatching(/TCP hands each packet to tun7 alone.*ARPHRD 512/));
  expect(linkByName(route, "tun7").gsoMaxSegments).toBe(1);
  deletePval("tun7", name);
  expect(linkByName(route, "tun7").gsoMaxSegments).toBeGreaterThan(1000);
});

test("takes an IP tunnel, whose address is an IP address, for no Ethernet device", () => {
  const { name, netns, route } = scene();
  const file = openTun(netns, "tun7", TUNNEL);
  onTestFinished(() => closeSync(file));
  expect(() => addPval({ link: "tun7", options: {}, inPlace: false }, name)).toThrow("tun7 is no Ethernet device");
  setLink(route, linkByName(route, "tun7").index, { up: true });
  addAddress(route, linkByName(route, "tun7").index, "10.9.0.1/24");
  expect(addPval({ link: "tun7", options: { ipopt: true }, inPlace: true }, name).remarks).not.toContainEqual(
    expect.stringContaining("UDP_SEGMENT"),
  );
  const socket = new UdpSocket(netns);
  socket.send("::ffff:10.9.0.2", 9, new Uint8Array(5000), 1000);
  socket.close();
  expect(showDevices(name)[0]?.statistics.marks).toMatchObject({ marked: 5n, malformed: 0n, notSegmented: 0n });
  deletePval("tun7", name);
});

test("says so where there is no hardware that stamps", () => {
  const { name, add } = scene();
  add();
  const { remarks } = setPval({ name: "pval0", options: { rxtstamp: true } }, name);
  expect(remarks.join()).toMatch(/low has no clock of its own/);
  expect(setPval({ name: "pval0", options: { rxtstamp: false } }, name).note.options.rxtstamp).toBe(false);
});

test("leaves an interface promiscuous that was so before", () => {
  const { route, name, add } = scene();
  setLink(route, linkByName(route, "low").index, { promiscuous: true });
  add();
  deletePval("pval0", name);
  expect(linkByName(route, "low").promiscuous).toBe(true);
});

test("in place: room on the interface's IPv4 routes, and back", () => {
  const { route, name, offloads, pins } = scene();
  addAddress(route, linkByName(route, "low").index, "10.0.0.1/24");
  const { index: device } = linkByName(route, "low");
  const add = (destination: string, more: Partial<RouteSpec> = {}) =>
    addRoute(route, { destination, device, gateway: "10.0.0.2", ...more });
  add("10.1.0.0/16");
  add("10.2.0.0/16", { mtu: 1400 });
  add("10.3.0.0/16", { mtu: 1490, mtuLock: true, table: 77 });
  const mtus = () =>
    ipv4Routes(route)
      .filter(({ kind }) => kind === "unicast")
      .map(({ destination, mtu, mtuLock }) => [destination, mtu, mtuLock]);
  const routesBefore = mtus();
  const before = linkByName(route, "low");
  addPval({ link: "low", options: { ipopt: true }, inPlace: true }, name);
  const { index } = before;
  expect(linkByName(route, "low")).toEqual(before);
  expect(mtus()).toEqual([
    ["10.3.0.0/16", 1488, true],
    ["10.0.0.0/24", 1488, undefined],
    ["10.1.0.0/16", 1488, undefined],
    ["10.2.0.0/16", 1400, undefined],
  ]);
  expect(offloads("low")).toEqual(on);
  expect(linkByName(route, `hm_cut_${index}`)).toMatchObject({ kind: "macvlan", up: true, gsoMaxSegments: 1 });
  expect(showDevices(name)).toMatchObject([{ name: "low", inPlace: true, state: "whole" }]);
  add("10.4.0.0/16");
  expect(showDevices(name)[0]?.withoutRoom).toEqual(["10.4.0.0/16"]);
  setPval({ name: "low", options: {} }, name);
  expect(showDevices(name)[0]?.withoutRoom).toEqual([]);
  setPval({ name: "low", options: { ipopt: false } }, name);
  expect(mtus()).toEqual([...routesBefore, ["10.4.0.0/16", undefined, undefined]]);
  deleteRoute(route, { destination: "10.4.0.0/16" });
  setPval({ name: "low", options: { ipopt: true, strip: true } }, name);
  expect(showDevices(name)[0]?.withoutRoom).toEqual([]);
  deletePval("low", name);
  expect(mtus()).toEqual(routesBefore);
  expect(linkByName(route, "low")).toEqual(before);
  expect(offloads("low")).toEqual(on);
  expect(pins()).toEqual([]);
});

test("refuses, and changes nothing", () => {
  const { route, name, add, pins } = scene();
  add({}, "one");
  const before = [links(route), pins()];
  const refused: [what: () => unknown, message: RegExp][] = [
    [() => addPval({ link: "nix", options: {}, inPlace: false }, name), /no interface nix/],
    [() => add(), /low is busy: one is on it/],
    [() => add({}, "one"), /low is busy: one is on it/],
    [() => addPval({ name: "one", link: "high", options: {}, inPlace: false }, name), /interface one already/],
    [() => addPval({ name: "low", link: "high", options: {}, inPlace: false }, name), /interface low already/],
    [() => addPval({ link: "low", options: {}, inPlace: true }, name), /low is busy/],
    [() => addPval({ link: "hm-one", options: {}, inPlace: false }, name), /far end/],
    [() => addPval({ link: "lo", options: {}, inPlace: false }, name), /no Ethernet/],
    [() => addPval({ name: "a-name-too-long", link: "high", options: {}, inPlace: false }, name), /too long/],
    [() => addPval({ name: "a/b", link: "high", options: {}, inPlace: false }, name), /cannot name an interface/],
    [() => setPval({ name: "one", link: "high", options: {} }, name), /link of one is low and cannot be changed/],
    [() => setPval({ name: "one", link: "nix", options: {} }, name), /no interface nix/],
    [() => setPval({ name: "high", options: {} }, name), /high is not a pval device/],
    [() => setPval({ name: "nix", options: {} }, name), /nix/],
    [() => deletePval("high", name), /high is not a pval device/],
  ];
  for (const [what, message] of refused) expect(what).toThrow(message);
  expect([links(route), pins()]).toEqual(before);
});

test("names the first free one", () => {
  const { route, name, add } = scene();
  createVeth(route, { name: "pval0" }, { name: "pval2" });
  expect(add().name).toBe("pval1");
  expect(addPval({ link: "high", options: {}, inPlace: false }, name).name).toBe("pval3");
});

test("a pair whose maker died is shown, deleted, and taken for the same command", () => {
  const { netns, route, name, add, state } = scene();
  createPair(route, netns, "pval0", linkByName(route, "low"));
  expect(state()).toEqual([["pval0", "unfinished"]]);
  deletePval("pval0", name);
  expect(findLink(route, farName("pval0"))).toBeUndefined();
  for (const named of ["pval0", undefined]) {
    createPair(route, netns, "pval0", linkByName(route, "low"));
    add({}, named);
    expect(state()).toEqual([["pval0", "whole"]]);
    deletePval("pval0", name);
  }
});

test.each(["pval-tx", "pval-rx"])("without its %s, it is mended by the same command, or deleted", (feature) => {
  const { netns, route, name, add, pins, state } = scene();
  const tear = () => {
    for (const { place } of pins()) if (place.feature === feature) openPins(place, netns).remove();
  };
  add({ ipopt: true }, "pval0");
  tear();
  expect(state()).toEqual([["pval0", "unfinished"]]);
  expect(() => addPval({ name: "other", link: "low", options: {}, inPlace: false }, name)).toThrow(/busy/);
  add({ ipopt: true }, "pval0");
  expect(state()).toEqual([["pval0", "whole"]]);
  tear();
  add({ ipopt: true });
  expect(state()).toEqual([["pval0", "whole"]]);
  tear();
  deletePval("pval0", name);
  expect({ pins: pins(), links: links(route).map((link) => link.name) }).toEqual({
    pins: [],
    links: ["lo", "high", "low"],
  });
  expect(linkByName(route, "low").promiscuous).toBe(false);
});

test("a change whose maker died on the way is shown, and finished by the next one", () => {
  const { netns, name, add, pins, state } = scene();
  add({ ipopt: true }, "pval0");
  for (const { place } of pins()) {
    if (place.feature !== "pval-tx") continue;
    const set = openPins(place, netns);
    const note = noteIn(set.options);
    if (note !== undefined) set.setOptions(toJson({ ...note, pending: true }));
    set.close();
  }
  expect(state()).toEqual([["pval0", "unfinished"]]);
  setPval({ name: "pval0", options: {} }, name);
  expect(state()).toEqual([["pval0", "whole"]]);
});

test("an interface below that vanishes leaves a device that says so and can be deleted", () => {
  const { route, name, add, pins, state } = scene();
  add({ rxcopy: true });
  deleteLink(route, linkByName(route, "low").index);
  expect(state()).toEqual([["pval0", "linkGone"]]);
  expect(() => setPval({ name: "pval0", options: { ipopt: true } }, name)).toThrow(/not whole/);
  deletePval("pval0", name);
  expect([pins(), links(route).map((link) => link.name)]).toEqual([[], ["lo"]]);
});

test("a device that somebody else deletes leaves the interface below to itself", () => {
  const { route, name, add, pins, state } = scene();
  add();
  deleteLink(route, linkByName(route, "pval0").index);
  expect(state()).toEqual([["pval0", "deviceGone"]]);
  deletePval("pval0", name);
  expect(pins()).toEqual([]);
  expect(linkByName(route, "low").promiscuous).toBe(false);
});

test("in place, a cutter that is gone is told and made again; one without its interface goes", () => {
  const { route, name, state, pins } = scene();
  const { index } = linkByName(route, "low");
  const cutter = `hm_cut_${index}`;
  const add = () => addPval({ link: "low", options: { ipopt: true }, inPlace: true }, name);
  add();
  deleteLink(route, linkByName(route, cutter).index);
  expect(state()).toEqual([["low", "unfinished"]]);
  add();
  expect(state()).toEqual([["low", "whole"]]);
  expect(linkByName(route, cutter)).toMatchObject({ up: true });
  deleteLink(route, index);
  expect(state()).toEqual([]);
  expect([pins(), links(route).map((link) => link.name)]).toEqual([[], ["lo"]]);
});
