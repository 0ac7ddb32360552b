import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import { withNetns } from "../with-netns.ts";
import type { Netns } from "../netns.ts";
import { addAddress, addresses, deleteAddress } from "./addresses.ts";
import { createVeth, linkByName, setLink } from "./links.ts";
import { deleteNeighbour, neighbours, setNeighbour } from "./neighbours.ts";
import { addRoute, deleteRoute, replaceRoute, routes, routeTo, setRouteMtu } from "./routes.ts";

function ip(netns: Netns, ...args: string[]): Record<string, unknown>[] {
  return JSON.parse(withNetns(netns, () => execFileSync("ip", ["-j", ...args], { encoding: "utf8" })));
}

function pair(): { netns: Netns; route: NetlinkSocket; index: number } {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "west" }, { name: "east" });
  const { index } = linkByName(route, "west");
  setLink(route, index, { up: true });
  setLink(route, linkByName(route, "east").index, { up: true });
  return { netns, route, index };
}

test("addresses without duplicate detection are usable at once", () => {
  const { route, index } = pair();
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  addAddress(route, index, "db05::1/64");
  addAddress(route, index, "10.1.0.1/24");
  setLink(route, 1, { up: true });
  const ours = addresses(route, index);
  expect(ours).toContainEqual({ index, prefix: "db01::1/64", scope: "global", usable: true });
  expect(ours).toContainEqual({ index, prefix: "db05::1/64", scope: "global", usable: false });
  expect(ours).toContainEqual({ index, prefix: "10.1.0.1/24", scope: "global", usable: true });
  expect(ours.every((address) => address.index === index)).toBe(true);
  expect(addresses(route)).toContainEqual({ index: 1, prefix: "::1/128", scope: "host", usable: true });
  expect(() => addAddress(route, index, "db01::1/64")).toThrow("RTM_NEWADDR (db01::1/64): EEXIST");

  deleteAddress(route, index, "db01::1/64");
  deleteAddress(route, index, "10.1.0.1/24");
  expect(addresses(route, index).map((address) => address.prefix)).not.toContain("db01::1/64");
  expect(() => deleteAddress(route, index, "db01::1/64")).toThrow("RTM_DELADDR (db01::1/64): EADDRNOTAVAIL");
});

const specs = [
  { destination: "db02::/64", gateway: "db01::2", priority: 1024, mtu: 1396 },
  { destination: "db04::/48", gateway: "db01::2", mtu: 1300, mtuLock: true },
  { destination: "db03::/48", priority: 7, hopLimit: 9, advertisedMss: 1300 },
  { destination: "::/0", gateway: "db01::3", priority: 1024 },
  { destination: "10.9.0.0/16", gateway: "10.1.0.2", mtu: 1200 },
  { destination: "0.0.0.0/0", gateway: "10.1.0.3", priority: 50, source: "10.1.0.1" },
];

test.each(specs)("the route to $destination comes back as it was made", (spec) => {
  const { route, index } = pair();
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  addAddress(route, index, "10.1.0.1/24");
  const made = { ...spec, device: index };
  addRoute(route, made);
  const found = () => routes(route).find((entry) => entry.destination === spec.destination);
  expect(found()).toMatchObject(made);
  expect(found()).toMatchObject({ table: 254, kind: "unicast", protocol: 4 });
  expect(() => addRoute(route, made)).toThrow(`RTM_NEWROUTE (${spec.destination}): EEXIST`);
  deleteRoute(route, { destination: spec.destination });
  expect(found()).toBeUndefined();
  expect(() => deleteRoute(route, { destination: spec.destination })).toThrow(/ESRCH|ENOENT/);
});

test("iproute2 sees the metrics, and replace changes them", () => {
  const { netns, route, index } = pair();
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  const spec = { destination: "db02::/64", gateway: "db01::2", device: index };
  addRoute(route, { ...spec, mtu: 1396 });
  const seen = () => ip(netns, "-6", "route", "show", "db02::/64");
  expect(seen()).toMatchObject([{ gateway: "db01::2", dev: "west", metrics: [{ mtu: 1396 }] }]);
  replaceRoute(route, { ...spec, mtu: 1280 });
  expect(seen()).toMatchObject([{ gateway: "db01::2", metrics: [{ mtu: 1280 }] }]);
});

test("setRouteMtu leaves the rest of a foreign route alone", () => {
  const { netns, route, index } = pair();
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  const args = ["-6", "route", "add", "db02::/64", "via", "db01::2", "dev", "west", "metric", "77", "proto", "ra"];
  withNetns(netns, () => execFileSync("ip", [...args, "initcwnd", "12", "advmss", "1220", "pref", "high"]));
  const before = ip(netns, "-6", "route", "show", "db02::/64");
  const find = () => routes(route).find((entry) => entry.destination === "db02::/64");
  const foreign = find();
  if (foreign === undefined) throw new Error("no such route");
  setRouteMtu(route, foreign, 1396);
  const [entry] = ip(netns, "-6", "route", "show", "db02::/64");
  expect(entry).toMatchObject({ metric: 77, protocol: "ra", pref: "high" });
  expect(entry?.["metrics"]).toEqual([{ mtu: 1396, initcwnd: 12, advmss: 1220 }]);
  const changed = find();
  if (changed === undefined) throw new Error("no such route");
  setRouteMtu(route, changed, undefined);
  expect(ip(netns, "-6", "route", "show", "db02::/64")).toEqual(before);
});

test("permanent neighbours", () => {
  const { netns, route, index } = pair();
  setNeighbour(route, index, "db01::2", "02:00:00:00:00:09");
  setNeighbour(route, index, "10.1.0.2", "02:00:00:00:00:08");
  setNeighbour(route, index, "10.1.0.2", "02:00:00:00:00:07");
  expect(ip(netns, "neigh", "show", "db01::2")).toMatchObject([{ lladdr: "02:00:00:00:00:09", state: ["PERMANENT"] }]);
  const all = neighbours(route);
  expect(all).toContainEqual({ index, address: "db01::2", mac: "02:00:00:00:00:09", permanent: true, stale: false });
  expect(all).toContainEqual({ index, address: "10.1.0.2", mac: "02:00:00:00:00:07", permanent: true, stale: false });
  deleteNeighbour(route, index, "db01::2");
  expect(neighbours(route).some((entry) => entry.address === "db01::2" && entry.permanent)).toBe(false);
});

test("a route of several next hops comes back as it was made, and as iproute2 shows it", () => {
  const { netns, route, index } = pair();
  const other = linkByName(route, "east").index;
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  addAddress(route, other, "db05::1/64", { duplicateDetection: false });
  const nextHops = [
    { device: index, gateway: "db01::2", weight: 1 },
    { device: other, gateway: "db05::2", weight: 3 },
  ];
  replaceRoute(route, { destination: "db02::/64", nextHops, mtu: 1400 });
  const found = (): (typeof nextHops)[number][] | undefined =>
    routes(route)
      .find((entry) => entry.destination === "db02::/64")
      ?.nextHops?.map(({ device, gateway = "", weight }) => ({ device, gateway, weight }))
      .toSorted((one, next) => one.weight - next.weight);
  expect(found()).toEqual(nextHops);
  const [shown] = ip(netns, "-6", "route", "show", "db02::/64");
  expect(shown?.["nexthops"]).toMatchObject([
    { gateway: "db01::2", dev: "west", weight: 1 },
    { gateway: "db05::2", dev: "east", weight: 3 },
  ]);
  // One in place of both.
  replaceRoute(route, { destination: "db02::/64", device: index, gateway: "db01::2" });
  expect(routes(route).filter((entry) => entry.destination === "db02::/64")).toMatchObject([{ gateway: "db01::2" }]);
});

test("the route to an address, and the source address that goes with it", () => {
  const { netns, route, index } = pair();
  setLink(route, 1, { up: true });
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  addRoute(route, { destination: "db02::/64", gateway: "db01::2", device: index, mtu: 1400 });
  expect(routeTo(route, "db02::7")).toMatchObject({
    kind: "unicast",
    device: index,
    gateway: "db01::2",
    source: "db01::1",
    mtu: 1400,
  });
  expect(ip(netns, "-6", "route", "get", "db02::7")).toMatchObject([{ gateway: "db01::2", prefsrc: "db01::1" }]);
  expect(routeTo(route, "db01::9")).toMatchObject({ device: index, source: "db01::1" });
  expect(routeTo(route, "::1")).toMatchObject({ kind: "local" });
  expect(() => routeTo(route, "db03::1")).toThrow("RTM_GETROUTE (db03::1): ENETUNREACH");
});

test("a locked MTU comes and goes, and other locks stay", () => {
  const { netns, route, index } = pair();
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  withNetns(netns, () =>
    execFileSync("ip", ["-6", "route", "add", "db02::/64", "via", "db01::2", "hoplimit", "lock", "9", "mtu", "1400"]),
  );
  const found = () => routes(route).find(({ destination }) => destination === "db02::/64")!;
  setRouteMtu(route, found(), 1300, true);
  const shown = () =>
    withNetns(netns, () => execFileSync("ip", ["-6", "route", "show", "db02::/64"], { encoding: "utf8" }));
  expect(shown()).toContain("mtu lock 1300 hoplimit lock 9");
  expect(found()).toMatchObject({ mtu: 1300, mtuLock: true });
  setRouteMtu(route, found(), 1400);
  expect(shown()).toContain("mtu 1400 hoplimit lock 9");
  expect(found().mtuLock).toBeUndefined();
});
