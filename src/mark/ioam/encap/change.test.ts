/** Changes of many rules at once, and those that a command began and did not end. */
import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openPins } from "../../../bpf/pin/registry.ts";
import { pinDirectory } from "../../../bpf/pin/place.ts";
import type { Json } from "../../../bpf/pin/meta.ts";
import { labDown, labUp, musketeers, openNode } from "../../../lab/index.ts";
import { startPing } from "../../../lab/traffic/ping.ts";
import { processIdentity } from "../../../linux/process-identity.ts";
import { linkByName } from "../../../linux/rtnetlink/links.ts";
import { routes } from "../../../linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { addEncap, addEncaps, deleteEncap, refreshIoam, showIoam, type EncapOptions } from "../control.ts";
import { noteIn, type EncapNote } from "./note.ts";

// Labs and compilations, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

const lab = `change${process.pid}`;
const athos = { device: "h_athos", netns: `${lab}-athos` };
const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};
const BYTES = 104;
const many = (count: number): EncapOptions[] =>
  Array.from({ length: count }, (_, index) => ({
    ...rule,
    prefix: `d${(0x100 + (index >> 8)).toString(16)}:${(index & 255).toString(16)}::/48`,
  }));

beforeEach(() => {
  const owner = processIdentity();
  labUp(musketeers(), lab, owner === undefined ? {} : { owner });
});
afterEach(() => {
  labDown(lab);
});

const mtuTo = (destination: string): number | undefined => {
  const netns = openNode(lab, "athos");
  const socket = openRtnetlink(netns);
  try {
    return routes(socket).find((route) => route.destination === destination)?.mtu;
  } finally {
    socket.close();
    netns.close();
  }
};

/** The pins on athos' device, opened. */
const withPins = <R>(run: (pins: ReturnType<typeof openPins>) => R): R => {
  const netns = openNode(lab, "athos");
  const socket = openRtnetlink(netns);
  const { index } = linkByName(socket, "h_athos");
  const place = { netnsInode: netns.inode, feature: "ioam-encap", device: "h_athos", ifindex: index };
  const pins = openPins(place, netns);
  try {
    return run(pins);
  } finally {
    pins.close();
    socket.close();
    netns.close();
  }
};
const programId = (): number =>
  withPins((pins) => {
    const attachment = pins.attachment("egress");
    try {
      return attachment!.programId;
    } finally {
      attachment!.close();
    }
  });
const note = (): EncapNote => withPins((pins) => noteIn(pins.options));
const setNote = (changed: EncapNote): void =>
  withPins((pins) => pins.setOptions(JSON.parse(JSON.stringify(changed)) as Json));

/** How many packets of three have a trace, by prefix. */
const traced = async (): Promise<Record<string, number>> => {
  const counts = (): Map<string, bigint> =>
    new Map(
      showIoam(athos.netns).flatMap((one) =>
        one.kind === "encap" ? [[one.rule.prefix, one.counters["sent"] ?? 0n]] : [],
      ),
    );
  const before = counts();
  const netns = openNode(lab, "athos");
  try {
    const ping = await startPing(netns, { target: "db02::2", count: 3, intervalMs: 1 });
    expect(await ping.finished).toMatchObject({ received: 3 });
  } finally {
    netns.close();
  }
  const grown = [...counts()].map(([prefix, count]) => [prefix, Number(count - (before.get(prefix) ?? 0n))] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
};

describe("many rules", () => {
  test("those of one profile are added and deleted without another program, and the longest wins", async () => {
    addEncaps(athos, [rule, ...many(17)]);
    expect(note().lookup).toBe("trie");
    expect(await traced()).toEqual({ "db02::/64": 3 });
    const before = programId();
    addEncap(athos, { ...rule, prefix: "db02::2/128" });
    expect(await traced()).toEqual({ "db02::2/128": 3 });
    deleteEncap(athos, "db02::2/128");
    expect(await traced()).toEqual({ "db02::/64": 3 });
    expect(programId()).toBe(before);
    // Another profile is another program.
    addEncap(athos, { ...rule, prefix: "db02::2/128", size: 56 });
    expect(programId()).not.toBe(before);
    expect(await traced()).toEqual({ "db02::2/128": 3 });
    refreshIoam(athos.netns);
    expect(await traced()).toEqual({ "db02::2/128": 3 });
    for (const { prefix } of many(11)) deleteEncap(athos, prefix);
    expect(note().lookup).toBe("chain");
    expect(await traced()).toEqual({ "db02::2/128": 3 });
    expect(deleteEncap(athos)).toHaveLength(8);
    expect([showIoam(athos.netns), mtuTo("db02::/64"), mtuTo("db02::2/128")]).toEqual([[], undefined, undefined]);
  });

  test("4096 of them, and no more", { timeout: 60_000 }, async () => {
    const start = performance.now();
    addEncaps(athos, [...many(4095), rule]);
    const added = performance.now();
    expect(await traced()).toEqual({ "db02::/64": 3 });
    expect(() => addEncap(athos, { ...rule, prefix: "db03::/64" })).toThrow(
      "h_athos has 4096 rules, which is all that fit",
    );
    deleteEncap(athos, "d100:1::/48");
    const before = performance.now();
    addEncap(athos, { ...rule, prefix: "db02::2/128" });
    console.log(
      `4096 rules in ${Math.round(added - start)} ms, one more in ${Math.round(performance.now() - before)} ms`,
    );
    expect(await traced()).toEqual({ "db02::2/128": 3 });
    expect(deleteEncap(athos)).toHaveLength(4096);
  });

  test("what is refused on the way changes nothing", () => {
    addEncap(athos, rule);
    const before = note();
    const wrong = { ...rule, prefix: "db04::/64", namespaceId: 9 };
    expect(() => addEncaps(athos, [...many(20), wrong])).toThrow("IOAM namespace 9 is not known");
    expect(() => addEncaps(athos, [...many(2), many(1)[0]!])).toThrow(
      "already traces packets to d100:0::/48".replace(":0::", "::"),
    );
    expect(note()).toEqual(before);
  });
});

describe("a command that died", () => {
  test("before anything but its note was there: it is finished", async () => {
    addEncap(athos, { ...rule, prefix: "db03::/64" });
    const before = note();
    addEncap(athos, rule);
    const after = note();
    deleteEncap(athos, rule.prefix);
    expect(mtuTo(rule.prefix)).toBeUndefined();
    setNote({ ...after, unfinished: { restore: [] } });
    expect(await traced()).toEqual({ "db02::/64": 3 });
    expect(mtuTo(rule.prefix)).toBe(1500 - BYTES);
    expect(note()).toEqual(after);
    deleteEncap(athos, rule.prefix);
    expect(note()).toEqual(before);
  });

  test("deleting: the route gets its MTU back, the pins go", async () => {
    addEncap(athos, rule);
    const { rules } = note();
    setNote({ rules: [], lookup: "chain", unfinished: { restore: rules.map(({ route }) => route!) } });
    expect(await traced()).toEqual({});
    expect([showIoam(athos.netns), mtuTo(rule.prefix)]).toEqual([[], undefined]);
  });

  test("adding, when the next command adds too", async () => {
    addEncap(athos, { ...rule, prefix: "db03::/64" });
    const { rules } = note();
    setNote({
      rules: [],
      lookup: "chain",
      unfinished: { restore: rules.flatMap(({ route }) => (route === null ? [] : [route])) },
    });
    addEncap(athos, rule);
    expect(note().rules.map(({ prefix }) => prefix)).toEqual(["db02::/64"]);
    expect(await traced()).toEqual({ "db02::/64": 3 });
  });

  test("before its pins had a note: they go, and packets go without a trace", async () => {
    addEncap(athos, rule);
    const directory = withPins((pins) => pinDirectory(pins.place));
    rmSync(`${directory}/meta`);
    expect(await traced()).toEqual({});
    // It had not come to the route yet; the one here is of the whole command before.
    expect(addEncap(athos, rule)).toMatchObject({ slot: 0 });
    expect(await traced()).toEqual({ "db02::/64": 3 });
  });
});
