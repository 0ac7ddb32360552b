/** pval devices as lines, and back. */
import { expect, test } from "vitest";
import { temporaryRtnetlink } from "../../linux/fixtures/temporary-netns.ts";
import { createVeth } from "../../linux/rtnetlink/links.ts";
import { addPval, deletePval, showDevices } from "../../mark/pval/control.ts";
import { Output } from "../framework/output.ts";
import { presentLines } from "./present-lines.ts";
import { restoreLines } from "./restore-lines.ts";

const stream = { write: () => true };
const context = {
  output: new Output({ json: false, stdout: stream, stderr: stream, environment: {} }),
  signal: new AbortController().signal,
  needRights: async () => {},
};

test("pval devices come back", async () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "one" }, { name: "two" });
  const { name } = netns;
  addPval({ name: "seven", link: "one", options: { ipopt: true, rxcopy: true, snap: 128 }, inPlace: false }, name);
  addPval({ link: "two", options: { strip: true }, inPlace: true }, name);
  const lines = await presentLines(name);
  expect(lines).toEqual([
    "link add seven type pval link one ipopt on txtstamp off rxtstamp off txcopy off rxcopy on snap 128",
    "link add type pval link two ipopt off txtstamp off rxtstamp off txcopy off rxcopy off strip on --in-place",
  ]);
  const restore = async () => {
    const results = await restoreLines({ text: lines.join("\n"), file: "-", netns: name, waitMs: 0 }, context);
    return results.map(({ result }) => result);
  };
  expect(await restore()).toEqual(["there already", "there already"]);
  deletePval("seven", name);
  deletePval("two", name);
  expect(await presentLines(name)).toEqual([]);
  expect(await restore()).toEqual(["made", "made"]);
  expect(await presentLines(name)).toEqual(lines);
  for (const device of showDevices(name)) deletePval(device.name, name);
});
