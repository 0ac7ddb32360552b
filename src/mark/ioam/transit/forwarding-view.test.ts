/** Whatever changes, and however often: what announcements make of the view is what reading everything again makes of it. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { temporaryRtnetlink } from "../../../linux/fixtures/temporary-netns.ts";
import { NETLINK_ROUTE } from "../../../linux/netlink/constants.ts";
import { MulticastSocket } from "../../../linux/netlink/multicast.ts";
import { NetlinkError, type NetlinkSocket } from "../../../linux/netlink/socket.ts";
import { createVeth, linkByName, setLink } from "../../../linux/rtnetlink/links.ts";
import { deleteNeighbour, parseNeighbour, setNeighbour } from "../../../linux/rtnetlink/neighbours.ts";
import { addRoute, deleteRoute, ipv6Routes, replaceRoute, type RouteSpec } from "../../../linux/rtnetlink/routes.ts";
import type { Egress } from "./egress.ts";
import { ForwardingView, type Effect } from "./forwarding-view.ts";
import { nextHopTable } from "./next-hop-table.ts";

/** RTNLGRP_NEIGH, _IPV6_ROUTE; and _LINK, _IPV6_RULE, _IPV6_NETCONF, whose announcements may come some time later. */
const prompt = [3, 11];
const groups = [...prompt, 1, 19, 25];

const ip = (netns: string, words: string): void => void execFileSync("ip", ["-n", netns, ...words.split(" ")]);

/** Two interfaces, and who hears of them. */
const open = (heard: readonly number[]) => {
  const { netns, route } = temporaryRtnetlink();
  for (const name of ["a", "b"]) {
    createVeth(route, { name }, { name: `${name}-far` });
    for (const end of [name, `${name}-far`]) {
      // Nothing comes of itself: addresses that the kernel makes bring routes some time later.
      ip(netns.name, `link set dev ${end} addrgenmode none`);
      setLink(route, linkByName(route, end).index, { up: true });
    }
  }
  // The last that comes of links that went up, when the kernel gets to it.
  const end = performance.now() + 5000;
  while (ipv6Routes(route).filter(({ destination }) => destination === "ff00::/8").length < 4) {
    if (performance.now() > end) throw new Error("links did not get ready");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
  const devices = ["a", "b"].map((name) => linkByName(route, name).index);
  const socket = new MulticastSocket({ protocol: NETLINK_ROUTE, groups: heard, netns });
  onTestFinished(() => socket.close());
  return { netns, route, devices, socket };
};

type Place = ReturnType<typeof open>;

const tableOf = (view: ForwardingView, devices: readonly number[]): string[] => {
  const egress = devices.map(
    (index): Egress =>
      ({ index, name: `${index}`, id: 1, idWide: 1, takes: 9000, mac: "02:00:00:00:00:09", mtu: 1500 }) as Egress,
  );
  const entries = nextHopTable({ ...view.state, egress: new Map(egress.map((one) => [one.index, one])) });
  return entries.map(({ address, prefixLength, hop }) =>
    JSON.stringify([Buffer.from(address).toString("hex"), prefixLength, hop?.out.index, hop?.mtu, hop?.destinationMac]),
  );
};

/** Hands the view what was announced, of neighbours that of one address alone if it is named; the strongest of its effects. */
const hear = (view: ForwardingView, { socket }: Place, neighbour?: string): Effect => {
  const effects = new Set<Effect>();
  socket.read((type, start, end, flags) => {
    const body = socket.bytes.slice(start, end);
    const isOther = neighbourTypes.has(type) && parseNeighbour(body).address !== neighbour;
    if (neighbour === undefined || !isOther) effects.add(view.apply(type, flags, body));
  });
  return effects.has("unknown") ? "unknown" : effects.has("table") ? "table" : "nothing";
};

/** RTM_NEWNEIGH, RTM_DELNEIGH. */
const neighbourTypes: ReadonlySet<number> = new Set([28, 29]);

type Change = (place: Place) => void;

const destinations = ["db00::/16", "db00:1::/32", "db00:1:2::/48", "db00:1:2::5/128", "default"];
const gateways = ["fe80::1", "fe80::2"];
const spec = fc.record(
  {
    destination: fc.constantFrom(...destinations),
    device: fc.nat(1),
    gateway: fc.constantFrom(...gateways),
    priority: fc.constantFrom(10, 20),
    mtu: fc.constantFrom(1280, 1400),
  },
  { requiredKeys: ["destination", "device", "priority"] },
);
const specOf = (
  { devices }: Place,
  { device, ...rest }: { readonly device: number } & Omit<RouteSpec, "device">,
): RouteSpec => ({
  ...rest,
  device: devices[device] ?? 0,
});
const routeChange = (run: (socket: NetlinkSocket, spec: RouteSpec) => void): fc.Arbitrary<Change> =>
  spec.map((given) => (place) => run(place.route, specOf(place, given)));
const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: routeChange(addRoute) },
  { weight: 2, arbitrary: routeChange(replaceRoute) },
  { weight: 3, arbitrary: routeChange(deleteRoute) },
  {
    weight: 1,
    // Of two ways.
    arbitrary: fc.constantFrom(...destinations).map((destination) => ({ route, devices }: Place): void => {
      const nextHops = devices.map((device, at) => ({ device, gateway: gateways[at] ?? "", weight: 1 }));
      replaceRoute(route, { destination, nextHops, priority: 10 });
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(1), fc.constantFrom("fe80::1", "fe80::2", "db00:1:2::5", "db00:1::7"), fc.nat(2))
      .map(([device, address, last]) => ({ route, devices }: Place): void => {
        const index = devices[device] ?? 0;
        if (last === 0) deleteNeighbour(route, index, address);
        else setNeighbour(route, index, address, `02:00:00:00:00:0${last}`);
      }),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (up) =>
        ({ route, devices }: Place): void =>
          setLink(route, devices[1] ?? 0, { up }),
    ),
  },
);

test("any changes, in any order", { timeout: 60_000 }, () => {
  const place = open(groups);
  const view = new ForwardingView();
  let rereads = 0;
  let applied = 0;
  fc.assert(
    fc.property(fc.array(fc.array(changes, { maxLength: 4 }), { maxLength: 12 }), (rounds) => {
      view.read(place.route);
      for (const round of rounds) {
        const before = tableOf(view, place.devices);
        for (const change of round) {
          try {
            change(place);
          } catch (error) {
            if (!(error instanceof NetlinkError)) throw error;
          }
        }
        const effect = hear(view, place);
        const whole = new ForwardingView();
        whole.read(place.route);
        const wanted = tableOf(whole, place.devices);
        if (effect === "nothing") expect(wanted).toEqual(before);
        if (effect === "table") expect(tableOf(view, place.devices)).toEqual(wanted);
        if (effect === "table") applied++;
        if (effect === "unknown") {
          rereads++;
          view.read(place.route);
        }
      }
    }),
    { numRuns: 60 },
  );
  console.log(JSON.stringify({ applied, rereads }));
  expect(applied).toBeGreaterThan(20);
  expect(rereads).toBeGreaterThan(0);
});

test("the routes and neighbours that routing daemons change are applied one by one", () => {
  const place = open(prompt);
  const [device = 0] = place.devices;
  const view = new ForwardingView();
  addRoute(place.route, { destination: "db01::/64", device });
  view.read(place.route);
  hear(view, place);
  const after = (change: () => void): Effect => {
    change();
    // Of others the kernel may tell at any time: multicast groups that it joins are neighbours to it, too.
    return hear(view, place, "db01::1");
  };
  const route = { destination: "db00::/32", device, gateway: "db01::1", priority: 20 };
  expect(after(() => addRoute(place.route, route))).toBe("table");
  expect(after(() => replaceRoute(place.route, { ...route, mtu: 1400 }))).toBe("table");
  expect(after(() => setNeighbour(place.route, device, "db01::1", "02:00:00:00:00:01"))).toBe("table");
  expect(after(() => setNeighbour(place.route, device, "db01::1", "02:00:00:00:00:01"))).toBe("nothing");
  expect(tableOf(view, place.devices)).toHaveLength(2);
  const stale = "-6 neigh replace db01::1 lladdr 02:00:00:00:00:01 nud stale dev a";
  expect(after(() => ip(place.netns.name, stale))).toBe("nothing");
  expect(view.takeStale()).toMatchObject([{ address: "db01::1", stale: true }]);
  expect(view.takeStale()).toEqual([]);
  expect(after(() => deleteRoute(place.route, route))).toBe("table");
  expect(after(() => deleteNeighbour(place.route, device, "db01::1"))).toBe("table");
  expect(tableOf(view, place.devices)).toEqual([]);
});
