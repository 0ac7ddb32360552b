/** Which destinations a next-hop table has, and which it leaves to the kernel. */
import { describe, expect, test } from "vitest";
import { AF_INET6, formatIp } from "../../../linux/ip-address.ts";
import type { Neighbour } from "../../../linux/rtnetlink/neighbours.ts";
import type { Route } from "../../../linux/rtnetlink/routes.ts";
import type { Egress } from "./egress.ts";
import { nextHopTable, type ForwardingState } from "./next-hop-table.ts";
import { Takes } from "./xdp-maps.ts";

/** A route's message that says nothing beyond the route: `struct rtmsg`, all zero. */
const plain = new Uint8Array(12);
const withFlags = (flags: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, flags, 0, 0, 0);
/** An attribute of four bytes. */
const withAttribute = (type: number): Uint8Array => Uint8Array.of(...plain, 8, 0, type, 0, 1, 0, 0, 0);

const route = (destination: string, own: Partial<Route> = {}): Route => ({
  family: AF_INET6,
  destination,
  table: 254,
  kind: "unicast",
  protocol: 4,
  device: 2,
  message: plain,
  ...own,
});
const via = (destination: string, gateway: string, own: Partial<Route> = {}): Route =>
  route(destination, { gateway, ...own });
const local = (destination: string): Route => route(destination, { table: 255, kind: "local" });

const neighbour = (address: string, last: number, own: Partial<Neighbour> = {}): Neighbour => ({
  index: 2,
  address,
  mac: `02:00:00:00:00:0${last}`,
  permanent: false,
  stale: false,
  ...own,
});

const interfaceOf = (index: number, own: Partial<Egress> = {}): Egress => ({
  index,
  name: `eth${index}`,
  mac: `02:00:00:00:01:0${index}`,
  mtu: 1500,
  id: index,
  idWide: index,
  takes: Takes.Frags,
  ...own,
});

/** Each entry as a line: its prefix, and the last octet of the MAC address, interface and MTU that it leads to. */
const table = (state: Partial<ForwardingState>): string[] =>
  nextHopTable({
    defaultRules: true,
    routes: [],
    neighbours: [],
    egress: new Map([2, 3].map((index) => [index, interfaceOf(index)])),
    ...state,
  }).map(({ address, prefixLength, hop }) => {
    const to = hop === null ? "ask" : `${hop.destinationMac.slice(-1)} by ${hop.out.index}, ${hop.mtu}`;
    return `${formatIp(address)}/${prefixLength} ${to}`;
  });

const gateway = neighbour("fe80::1", 1);

test("a route by a gateway whose MAC address is known", () => {
  const routes = [via("db01::/64", "fe80::1"), via("db02::/64", "fe80::2"), via("db03::/64", "fe80::1", { mtu: 1300 })];
  expect(table({ routes, neighbours: [gateway] })).toEqual(["db01::/64 1 by 2, 1500", "db03::/64 1 by 2, 1300"]);
});

test("neighbours on the link, where no other route is theirs", () => {
  const routes = [route("db01::/64"), via("db01::8/125", "fe80::1"), via("::/0", "fe80::1")];
  const neighbours = [
    gateway,
    neighbour("db01::2", 2),
    neighbour("db01::9", 3),
    neighbour("db01::3", 4, { index: 3 }),
    neighbour("db01::4", 5, { mac: undefined }),
    neighbour("10.0.0.1", 6),
  ];
  expect(table({ routes, neighbours })).toEqual([
    "::/0 1 by 2, 1500",
    "db01::/64 ask",
    "db01::2/128 2 by 2, 1500",
    "db01::8/125 1 by 2, 1500",
  ]);
});

test("a host route on the link", () => {
  expect(table({ routes: [route("db01::2/128")], neighbours: [neighbour("db01::2", 2)] })).toEqual([
    "db01::2/128 2 by 2, 1500",
  ]);
});

describe("within a route that it knows, the table says to ask for", () => {
  const wide = via("db00::/16", "fe80::1");
  const inner: [string, Route[]][] = [
    ["several next hops, which the kernel lists as one route", [route("db00:1::/32", { message: withAttribute(9) })]],
    ["a next-hop object", [via("db00:1::/32", "fe80::1", { message: withAttribute(30) })]],
    ["an encapsulation", [via("db00:1::/32", "fe80::1", { message: withAttribute(22) })]],
    ["sources", [via("db00:1::/32", "fe80::1", { message: Uint8Array.of(0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0) })]],
    ["a dead interface", [via("db00:1::/32", "fe80::1", { message: withFlags(1) })]],
    ["no packets at all", [route("db00:1::/32", { kind: "other" })]],
    ["two routes of one metric", [via("db00:1::/32", "fe80::1"), via("db00:1::/32", "fe80::1", { device: 3 })]],
    ["a neighbour that is not known", [via("db00:1::/32", "fe80::9")]],
    ["an interface that is not there", [via("db00:1::/32", "fe80::1", { device: 9 })]],
    ["this host", [local("db00:1::/32")]],
  ];
  test.each(inner)("%s", (_, routes) => {
    expect(table({ routes: [wide, ...routes], neighbours: [gateway] })).toEqual([
      "db00::/16 1 by 2, 1500",
      "db00:1::/32 ask",
    ]);
    // Without a wider entry there is nothing to say: what is not in the table is asked for.
    expect(table({ routes, neighbours: [gateway] })).toEqual([]);
  });
});

test("the lowest metric counts", () => {
  const routes = [
    via("db01::/64", "fe80::1", { priority: 1024 }),
    via("db01::/64", "fe80::2", { priority: 100 }),
    via("db01::/64", "fe80::1", { priority: 200, mtu: 1400 }),
  ];
  expect(table({ routes, neighbours: [gateway, neighbour("fe80::2", 2)] })).toEqual(["db01::/64 2 by 2, 1500"]);
});

test("the table local comes before main, whatever the length", () => {
  const routes = [local("db01::/64"), via("db01::/80", "fe80::1"), via("db01::/64", "fe80::1"), route("db01::/96")];
  expect(table({ routes, neighbours: [gateway, neighbour("db01::2", 2)] })).toEqual([]);
});

test("an interface that takes no frames from XDP, and one without a MAC address", () => {
  const egress = (own: Partial<Egress>) => new Map([[2, interfaceOf(2, own)]]);
  const routes = [via("db01::/64", "fe80::1")];
  expect(table({ routes, neighbours: [gateway], egress: egress({ takes: Takes.Nothing }) })).toEqual([]);
  expect(table({ routes, neighbours: [gateway], egress: egress({ mac: "" }) })).toEqual([]);
});

test("rules of the administrator's, and other tables, are left to the kernel", () => {
  const routes = [via("db01::/64", "fe80::1")];
  expect(table({ routes, neighbours: [gateway], defaultRules: false })).toEqual([]);
  expect(table({ routes: [via("db01::/64", "fe80::1", { table: 100 })], neighbours: [gateway] })).toEqual([]);
});

test("longest match by the table is what the routes say, for whatever routes", () => {
  // Nested prefixes in all lengths, every third of which only the kernel understands.
  const routes = Array.from({ length: 40 }, (_, index) => {
    const length = 16 + index;
    const own = index % 3 === 2 ? { kind: "other" as const } : {};
    return via(`db00::/${length}`, `fe80::${1 + (index % 2)}`, own);
  });
  const lines = table({ routes: routes.toReversed(), neighbours: [gateway, neighbour("fe80::2", 2)] });
  expect(lines).toEqual(
    routes.map((_, index) => `db00::/${16 + index} ${index % 3 === 2 ? "ask" : `${1 + (index % 2)} by 2, 1500`}`),
  );
});
