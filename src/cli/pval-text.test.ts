/** The words of `link`, and its lines. */
import { expect, test } from "vitest";
import type { PvalStatus } from "../mark/pval/show.ts";
import { linkAdd } from "./commands/link-add.ts";
import { linkDelete } from "./commands/link-delete.ts";
import { parseInput } from "./framework/parse-input.ts";
import { usageText } from "./pval-common.ts";
import { linkText } from "./pval-text.ts";

test("the grammar", () => {
  expect(usageText.split("\n")).toEqual([
    "Usage: ... pval link PHYS_DEV",
    "                 [ ipopt { on | off } ]",
    "                 [ txtstamp { on | off } ]",
    "                 [ rxtstamp { on | off } ]",
    "                 [ txcopy { on | off } ]",
    "                 [ rxcopy { on | off } ]",
  ]);
});

test.each<[string, Record<string, unknown>]>([
  ["type pval link eth0 ipopt on", { type: "pval", link: "eth0", ipopt: "on" }],
  ["pval7 type pval link eth0", { device: "pval7", type: "pval", link: "eth0" }],
  ["link eth0 name pval7 type pval", { name: "pval7", type: "pval", link: "eth0" }],
  ["ty pval li eth0 ip on", { type: "pval", link: "eth0", ipopt: "on" }],
  ["ty type pval link eth0", { device: "ty", type: "pval", link: "eth0" }],
  ["l eth0 t pval", { type: "pval", link: "eth0" }],
  ["type pval link eth0 txc on", { type: "pval", link: "eth0", txcopy: "on" }],
  ["type pval help", { type: "pval", help: true }],
])("link add %s", (line, values) => expect(parseInput(linkAdd, line.split(" ")).values).toEqual(values));

test("link del takes a name, or dev and a name", () => {
  expect(parseInput(linkDelete, ["pval0"]).values).toEqual({ device: "pval0" });
  expect(parseInput(linkDelete, ["dev", "pval0"]).values).toEqual({ dev: "pval0" });
  expect(parseInput(linkDelete, ["de"]).values).toEqual({ device: "de" });
  expect(parseInput(linkDelete, ["pval0", "type", "pval"]).values).toEqual({ device: "pval0", type: "pval" });
});

const status: PvalStatus = {
  name: "pval0",
  ifindex: 4,
  state: "whole",
  link: "eth0",
  inPlace: false,
  mac: "08:00:27:19:12:a4",
  mtu: 1488,
  linkUp: true,
  linkCarrier: true,
  linkMtu: 1500,
  cutter: null,
  withoutRoom: [],
  details: {
    flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
    qdisc: "noqueue",
    state: "UP",
    mode: "DEFAULT",
    group: "default",
    txQueueLength: 1000,
    broadcast: "ff:ff:ff:ff:ff:ff",
    promiscuity: 0,
    allMulticast: 0,
    minMtu: 68,
    maxMtu: 65_535,
    addressGeneration: "eui64",
    transmitQueues: 2,
    receiveQueues: 2,
    gsoMaxSize: 65_536,
    gsoMaxSegments: 65_535,
    tsoMaxSize: 524_280,
    tsoMaxSegments: 65_535,
    groMaxSize: 65_536,
  },
  options: {
    ipopt: true,
    txtstamp: false,
    rxtstamp: false,
    txcopy: false,
    rxcopy: false,
    strip: false,
    snap: 256,
  },
  statistics: { marks: { marked: 3n, notIpv4: 0n, tooBig: 1n }, strips: null, stamps: null, copies: [] },
};

test("a device, as ip -d link prints it", () => {
  expect(linkText(status, { details: true, statistics: true }).split("\n")).toEqual([
    "4: pval0@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1488 qdisc noqueue state UP mode DEFAULT group default qlen 1000",
    "    link/ether 08:00:27:19:12:a4 brd ff:ff:ff:ff:ff:ff promiscuity 0 allmulti 0 minmtu 68 maxmtu 65535",
    "    pval link eth0 ipopt on txtstamp off rxtstamp off txcopy off rxcopy off addrgenmode eui64 " +
      "numtxqueues 2 numrxqueues 2 gso_max_size 65536 gso_max_segs 65535 " +
      "tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536",
    "    sent: marked 3 tooBig 1",
  ]);
});

test("the interface below without a cable", () => {
  const lines = (own: Partial<PvalStatus>) => linkText({ ...status, ...own }, { details: false, statistics: false });
  expect(lines({ linkCarrier: false })).toMatch(/LOWER_UP>.*\n.*\n    eth0 has no carrier$/);
  expect(lines({ linkCarrier: false, linkUp: false })).toMatch(/LOWER_UP,M-DOWN>[^\n]*\n[^\n]*$/);
});

test("an interface below that carries less than the device lets through", () => {
  const last = (own: Partial<PvalStatus>) =>
    linkText({ ...status, ...own }, { details: false, statistics: false })
      .split("\n")
      .slice(2);
  expect(last({ linkMtu: 1280 })).toEqual([
    "    packets of more than 1280 bytes are lost, as the MTU of eth0 is 1280; hopmark link set dev pval0 type pval lowers that of pval0",
  ]);
  expect(last({ mtu: 1500 })).toEqual([
    "    packets of more than 1488 bytes leave unmarked, as the MTU of eth0 is 1500; hopmark link set dev pval0 type pval lowers that of pval0",
  ]);
  expect(last({ mtu: 1500, options: { ...status.options!, ipopt: false } })).toEqual([]);
  expect(last({ linkMtu: 1280, inPlace: true })).toEqual([]);
});

test("in place, where packets are cut up", () => {
  const cutter = { name: "hm_cut_4", passed: 9n, lost: 1n };
  const own: PvalStatus = { ...status, name: "eth0", inPlace: true, cutter, withoutRoom: ["0.0.0.0/0"] };
  const lines = linkText(own, { details: true, statistics: true }).split("\n");
  expect(lines[2]).toMatch(
    "pval link eth0 ipopt on txtstamp off rxtstamp off txcopy off rxcopy off in-place cutter hm_cut_4",
  );
  expect(lines[3]).toBe(
    "    full packets leave unmarked by routes with the interface's MTU: 0.0.0.0/0; hopmark link set dev eth0 type pval lowers it",
  );
  expect(lines.at(-1)).toBe("    hm_cut_4: passed 9 lost 1");
});

test("times of handing over: those that came, and others that there were", () => {
  const stamps = { stamped: 7n, missing: 2n, noRoom: 0n, waiting: 1n };
  const stamping: PvalStatus = { ...status, statistics: { ...status.statistics, marks: null, stamps } };
  expect(linkText(stamping, { details: false, statistics: true }).split("\n").at(-1)).toBe(
    "    txtstamp: stamped 7 missing 2 waiting 1",
  );
});

test("a device without its interface says what helps", () => {
  const gone: PvalStatus = { ...status, state: "deviceGone", details: null };
  expect(linkText(gone, { details: false, statistics: false }).split("\n")).toEqual([
    "4: pval0@eth0: <GONE>",
    "    its interface is gone: eth0 has its packets to itself; hopmark link del pval0 clears up",
  ]);
});
