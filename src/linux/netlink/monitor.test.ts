/** What is announced when something changes in a namespace, and to whom. */
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import { createVeth, linkByName, setLink } from "../rtnetlink/links.ts";
import { confirmNeighbour, neighbours, setNeighbour } from "../rtnetlink/neighbours.ts";
import { addRoute } from "../rtnetlink/routes.ts";
import { NetlinkMonitor } from "./monitor.ts";
import { NETLINK_ROUTE, NetlinkError } from "./socket.ts";

const [LINK, NEIGHBOUR, IPV6_ROUTE] = [1, 3, 11];
const [RTM_NEWLINK, RTM_NEWROUTE, RTM_NEWNEIGH] = [16, 24, 28];

const openMonitor = (groups: readonly number[], receiveBufferBytes?: number) => {
  const { netns, route } = temporaryRtnetlink();
  const monitor = new NetlinkMonitor(NETLINK_ROUTE, groups, netns, receiveBufferBytes);
  onTestFinished(() => monitor.close());
  const make = (): number => {
    createVeth(route, { name: "near" }, { name: "far" });
    for (const name of ["near", "far"]) setLink(route, linkByName(route, name).index, { up: true });
    return linkByName(route, "near").index;
  };
  return { monitor, netns, route, make };
};

test("links, routes and neighbours, as they change", () => {
  const { monitor, route, make } = openMonitor([LINK, NEIGHBOUR, IPV6_ROUTE]);
  expect(monitor.take()).toBeUndefined();
  const near = make();
  addRoute(route, { destination: "db03::/64", device: near });
  setNeighbour(route, near, "db03::1", "02:00:00:00:00:01");
  const { types, lost } = monitor.take()!;
  expect([RTM_NEWLINK, RTM_NEWROUTE, RTM_NEWNEIGH].filter((type) => !types.has(type))).toEqual([]);
  expect(lost).toBe(false);
});

test("only of the groups asked for", () => {
  const { monitor, make } = openMonitor([LINK]);
  make();
  expect([...monitor.take()!.types]).toEqual([RTM_NEWLINK]);
});

test("calls back when something is there to take", async () => {
  const { monitor, make } = openMonitor([LINK]);
  const called = new Promise<void>((resolve) => {
    monitor.listen(() => {
      if (monitor.take() !== undefined) resolve();
    });
  });
  make();
  await called;
});

test("says that something was lost when nobody took it in time", () => {
  const { monitor, route, make } = openMonitor([NEIGHBOUR], 4096);
  const near = make();
  for (let index = 0; index < 100; index++) {
    setNeighbour(route, near, "db03::1", `02:00:00:00:00:0${index % 2}`);
  }
  expect(monitor.take()).toMatchObject({ lost: true });
  expect(monitor.take()).toBeUndefined();
});

test("a stale neighbour is confirmed on request; one that is not there is refused", () => {
  const { netns, route, make } = openMonitor([NEIGHBOUR]);
  const near = make();
  const words = ["neigh", "add", "db03::1", "lladdr", "02:00:00:00:00:01", "nud", "stale", "dev", "near"];
  execFileSync("ip", ["-n", netns.name, "-6", ...words]);
  const stale = () => neighbours(route).find(({ address }) => address === "db03::1")?.stale;
  expect(stale()).toBe(true);
  confirmNeighbour(route, near, "db03::1");
  expect(stale()).toBe(false);
  expect(() => confirmNeighbour(route, near, "db03::2")).toThrow(NetlinkError);
});
