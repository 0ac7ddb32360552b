/** Devices that a version of Hopmark with other maps set up. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { META, readMeta, writeMeta } from "../../bpf/pin/meta.ts";
import { pinDirectory } from "../../bpf/pin/place.ts";
import { listPins } from "../../bpf/pin/registry.ts";
import { temporaryRtnetlink } from "../../linux/fixtures/temporary-netns.ts";
import { createVeth, links } from "../../linux/rtnetlink/links.ts";
import { addPval, deletePval, openCopies, setPval, showDevices } from "./control.ts";

/** `low` with a pval device on it, whose receiving half alone is of another version. */
const scene = (inPlace: boolean) => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "low" }, { name: "high" });
  const before = links(route);
  const { name } = netns;
  const device = addPval({ link: "low", options: { rxcopy: true }, inPlace }, name).name;
  onTestFinished(() => {
    for (const left of showDevices(name)) deletePval(left.name, name);
  });
  const pins = listPins("pval-rx").find(({ place }) => place.netnsInode === netns.inode);
  const meta = join(pinDirectory(pins!.place), META);
  const own = readMeta(meta);
  rmSync(meta);
  writeMeta(meta, { ...own, layoutHash: "of another version" });
  return { name, device, before, links: () => links(route) };
};

test.each([
  [false, "hopmark link add pval0 type pval link low ipopt off txtstamp off rxtstamp off txcopy off rxcopy on; its"],
  [true, "hopmark link add type pval link low ipopt off txtstamp off rxtstamp off txcopy off rxcopy on --in-place"],
])("are shown, not half changed, and deleted (in place: %s)", (inPlace, remedy) => {
  const { name, device, ...scenery } = scene(inPlace);
  const hint = expect.stringContaining(`make it anew: hopmark link del ${device}, then ${remedy}`);
  const refusal = expect.objectContaining({ code: "layout-mismatch", hint });
  expect(() => setPval({ name: device, options: { ipopt: true } }, name)).toThrow(refusal);
  expect(() => openCopies(device, name)).toThrow(refusal);
  expect(showDevices(name)).toMatchObject([
    { name: device, state: "otherVersion", options: { ipopt: false, rxcopy: true }, statistics: { copies: [] } },
  ]);
  deletePval(device, name);
  expect(scenery.links()).toEqual(scenery.before);
});
