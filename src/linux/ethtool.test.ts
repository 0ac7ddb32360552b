import { expect, test } from "vitest";
import { readFeatures, readOffloads, setFeatures, setOffloads } from "./ethtool.ts";
import { temporaryRtnetlink } from "./fixtures/temporary-netns.ts";
import { createVeth } from "./rtnetlink/links.ts";
import type { NetlinkSocket } from "./netlink/socket.ts";

function veth(): NetlinkSocket {
  const { route } = temporaryRtnetlink();
  createVeth(route, { name: "west" }, { name: "east" });
  return route;
}

test("a veth's offloads as it is born", () => {
  const offloads = readOffloads(veth(), "west");
  expect(offloads.get("tx")).toEqual({ state: "on", fixed: false });
  expect(offloads.get("tso")).toEqual({ state: "on", fixed: false });
  expect(offloads.get("gso")).toEqual({ state: "on", fixed: false });
  expect(offloads.get("gro")).toEqual({ state: "off", fixed: false });
  expect(offloads.get("lro")).toEqual({ state: "off", fixed: true });
});

test("offloads are switched, and what came back restores them", () => {
  const route = veth();
  const before = readFeatures(route, "west");
  const previous = setOffloads(route, "west", { tx: false, gro: true, tso: false });
  const offloads = readOffloads(route, "west");
  expect(offloads.get("tx")?.state).toBe("off");
  expect(offloads.get("tso")?.state).toBe("off");
  expect(offloads.get("gro")?.state).toBe("on");
  expect(readOffloads(route, "east").get("tx")?.state).toBe("on");
  setFeatures(route, "west", previous);
  expect(readFeatures(route, "west")).toEqual(before);
});

test("one feature by the kernel's name; asking again changes nothing", () => {
  const route = veth();
  expect(setFeatures(route, "west", { "tx-tcp6-segmentation": false })).toEqual({ "tx-tcp6-segmentation": true });
  expect(readOffloads(route, "west").get("tso")).toEqual({ state: "partly", fixed: false });
  expect(setFeatures(route, "west", { "tx-tcp6-segmentation": false })).toEqual({});
});

test("what the driver does not let change is refused before anything is changed", () => {
  const route = veth();
  const before = readFeatures(route, "west");
  expect(() => setOffloads(route, "west", { gro: true, lro: true })).toThrow("west: lro is fixed off by its driver");
  expect(() => setFeatures(route, "west", { "rx-gro": true, "rx-lro": true })).toThrow("west: rx-lro is fixed off");
  expect(() => setFeatures(route, "west", { "no-such": true })).toThrow("west has no feature no-such");
  expect(readFeatures(route, "west")).toEqual(before);
  expect(() => readFeatures(route, "absent")).toThrow("ioctl (ethtool absent): ENODEV");
});
