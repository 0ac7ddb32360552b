/** What is announced when something changes in a namespace, and to whom. */
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import { createVeth, linkByName, setLink } from "../rtnetlink/links.ts";
import { confirmNeighbour, neighbours, setNeighbour } from "../rtnetlink/neighbours.ts";
import { addRoute } from "../rtnetlink/routes.ts";
import { NETLINK_ROUTE } from "./constants.ts";
import { MulticastSocket } from "./multicast.ts";
import { NetlinkError } from "./socket.ts";

const [LINK, NEIGHBOUR, IPV6_ROUTE] = [1, 3, 11];
const [RTM_NEWLINK, RTM_NEWROUTE, RTM_NEWNEIGH] = [16, 24, 28];

const openSocket = (groups: readonly number[], receiveBufferBytes?: number) => {
  const { netns, route } = temporaryRtnetlink();
  const socket = new MulticastSocket({
    protocol: NETLINK_ROUTE,
    groups,
    netns,
    ...(receiveBufferBytes !== undefined && { receiveBufferBytes }),
  });
  onTestFinished(() => socket.close());
  const make = (): number => {
    createVeth(route, { name: "near" }, { name: "far" });
    for (const name of ["near", "far"]) setLink(route, linkByName(route, name).index, { up: true });
    return linkByName(route, "near").index;
  };
  return { socket, netns, route, make };
};

/** The types of what is there; undefined when nothing is. */
const typesIn = (socket: MulticastSocket): Set<number> | undefined => {
  const types = new Set<number>();
  return socket.read((type) => types.add(type)) ? types : undefined;
};

test("links, routes and neighbours, as they change", () => {
  const { socket, route, make } = openSocket([LINK, NEIGHBOUR, IPV6_ROUTE]);
  expect(typesIn(socket)).toBeUndefined();
  const near = make();
  addRoute(route, { destination: "db03::/64", device: near });
  setNeighbour(route, near, "db03::1", "02:00:00:00:00:01");
  const types = typesIn(socket)!;
  expect([RTM_NEWLINK, RTM_NEWROUTE, RTM_NEWNEIGH].filter((type) => !types.has(type))).toEqual([]);
  expect(socket.overruns).toBe(0);
});

test("only of the groups asked for", () => {
  const { socket, make } = openSocket([LINK]);
  make();
  expect([...typesIn(socket)!]).toEqual([RTM_NEWLINK]);
});

test("calls back when something is there to take", async () => {
  const { socket, make } = openSocket([LINK]);
  const called = new Promise<void>((resolve) => {
    socket.watch(() => {
      if (typesIn(socket) !== undefined) resolve();
    });
  });
  make();
  await called;
});

test("says that something was lost when nobody took it in time", () => {
  const { socket, route, make } = openSocket([NEIGHBOUR], 4096);
  const near = make();
  for (let index = 0; index < 100; index++) {
    setNeighbour(route, near, "db03::1", `02:00:00:00:00:0${index % 2}`);
  }
  expect(typesIn(socket)).toBeDefined();
  expect(socket.overruns).toBe(1);
  expect(typesIn(socket)).toBeUndefined();
});

test("a stale neighbour is confirmed on request; one that is not there is refused", () => {
  const { netns, route, make } = openSocket([NEIGHBOUR]);
  const near = make();
  const words = ["neigh", "add", "db03::1", "lladdr", "02:00:00:00:00:01", "nud", "stale", "dev", "near"];
  execFileSync("ip", ["-n", netns.name, "-6", ...words]);
  const stale = () => neighbours(route).find(({ address }) => address === "db03::1")?.stale;
  expect(stale()).toBe(true);
  confirmNeighbour(route, near, "db03::1");
  expect(stale()).toBe(false);
  expect(() => confirmNeighbour(route, near, "db03::2")).toThrow(NetlinkError);
});
