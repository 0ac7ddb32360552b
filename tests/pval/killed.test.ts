/**
 * `hopmark link` killed on the way: whatever the moment, packets flow or `link show` tells what is there, the same command again
 * finishes what the dead one began, and `link del` puts everything back. A few moments by default; all of them, in place too:
 * PVAL_KILLS=1000.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { listPins } from "../../src/bpf/pin/registry.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { readFeatures } from "../../src/linux/ethtool.ts";
import { links } from "../../src/linux/rtnetlink/links.ts";
import { ipv4Routes } from "../../src/linux/rtnetlink/routes.ts";
import { addPval, deletePval, setPval, showDevices, type PvalOptions } from "../../src/mark/pval/control.ts";
import { killAt, killsAsked, momentsOf, someOf, type Command, type Moment } from "../support/killed.ts";
import { PvalLab } from "../support/pval-lab.ts";

const KILLS = killsAsked("PVAL_KILLS");
const patience = { timeout: 60_000 + KILLS * 60_000 };
const plain: Partial<PvalOptions> = {};
const all: Partial<PvalOptions> = { ipopt: true, txcopy: true, rxcopy: true, txtstamp: true, rxtstamp: true };
const words = (options: Partial<PvalOptions>): string[] => Object.keys(options).flatMap((name) => [name, "on"]);

let lab: PvalLab;
beforeEach(() => {
  lab = new PvalLab();
});
afterEach(() => lab.close());

const netns = (): string => lab.reference("left");
const link = (...rest: string[]): Command => ({ words: ["link", ...rest, "--netns", netns()] });
const shown = () => showDevices(netns()).map(({ name, state }) => [name, state]);

/** All that a pval device may change or leave: interfaces with their settings, offloads, pins. */
const remains = () => {
  const route = lab.route("left");
  const { inode } = lab.netns("left");
  return {
    // A pair that is made anew has other numbers, and ends of its own other addresses.
    links: links(route).map(({ index, peer, mac, ...own }) => ({
      ...own,
      hasPeer: peer !== undefined && index > 0,
      mac: /^hm[-_]/.test(own.name) ? "" : mac,
    })),
    features: links(route).map(({ name }) => [
      name,
      ...[...readFeatures(route, name)].map(([, { requested }]) => requested),
    ]),
    routes: ipv4Routes(route).map(({ destination, kind, mtu }) => [destination, kind, mtu]),
    pins: listPins()
      .filter(({ place }) => place.netnsInode === inode)
      .map(({ place, meta }) => [place.feature, place.device, Object.keys(meta.attachments)]),
  };
};

const flows = async (): Promise<void> => {
  const { finished } = await startPing(lab.netns("right"), { target: "10.0.0.1", intervalMs: 1, count: 3 });
  expect(await finished).toMatchObject({ sent: 3, received: 3 });
};

const ways = KILLS > 1 ? ["a device of its own", "in place"] : ["a device of its own"];
test.each(ways)("%s: added and deleted", patience, async (way) => {
  const inPlace = way === "in place";
  const name = inPlace ? "h_left" : "pval0";
  const request = { name: inPlace ? undefined : name, link: "h_left", inPlace, options: all };
  const adding = link(
    "add",
    ...(inPlace ? [] : [name]),
    "type",
    "pval",
    "link",
    "h_left",
    ...words(all),
    ...(inPlace ? ["--in-place"] : []),
  );
  const deleting = link("del", name);
  const nothing = remains();
  const whenAdding = await momentsOf(adding);
  const everything = remains();
  expect(everything).not.toEqual(nothing);
  const whenDeleting = await momentsOf(deleting);
  expect(remains()).toEqual(nothing);
  let killed = 0;
  const clearUp = async ({ text }: Moment): Promise<void> => {
    // The interface has its addresses all the time.
    if (inPlace) await flows();
    for (const [device] of shown()) deletePval(device!, netns());
    expect({ text, ...remains() }).toEqual({ text, ...nothing });
    await flows();
  };
  for (const [index, moment] of someOf(whenAdding, KILLS).entries()) {
    if (await killAt(adding, moment)) killed++;
    if (index % 2 === 0) {
      // The same command again; whole already when it was killed at its very end.
      if (shown()[0]?.[1] !== "whole") addPval(request, netns());
      expect({ text: moment.text, ...remains() }).toEqual({ text: moment.text, ...everything });
    }
    await clearUp(moment);
  }
  for (const moment of someOf(whenDeleting, KILLS)) {
    addPval(request, netns());
    if (await killAt(deleting, moment)) killed++;
    await clearUp(moment);
  }
  expect(killed).toBeGreaterThan(0);
  console.log(`${whenAdding.length} and ${whenDeleting.length} moments, ${killed} killed`);
});

test("options changed: no packet is lost, and the same command finishes it", patience, async () => {
  lab.add("left", plain);
  const off = Object.fromEntries(Object.keys(all).map((name) => [name, false]));
  const change = link("set", "dev", "pval0", "type", "pval", ...words(all));
  const before = remains();
  const moments = await momentsOf(change);
  const after = remains();
  setPval({ name: "pval0", options: off }, netns());
  const ping = await startPing(lab.netns("right"), { target: "10.0.0.1", intervalMs: 2 });
  for (const moment of someOf(moments, KILLS)) {
    await killAt(change, moment);
    expect(shown()).toEqual([["pval0", expect.stringMatching(/^(?:whole|unfinished)$/)]]);
    setPval({ name: "pval0", options: all }, netns());
    expect({ text: moment.text, ...remains() }).toEqual({ text: moment.text, ...after });
    setPval({ name: "pval0", options: off }, netns());
    expect(shown()).toEqual([["pval0", "whole"]]);
  }
  const { sent, received, errors } = await ping.stop();
  expect({ received, errors }).toEqual({ received: sent, errors: 0 });
  expect(remains().links).toEqual(before.links);
  console.log(`${moments.length} moments, ${sent} echoes`);
});
