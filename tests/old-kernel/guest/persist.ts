/** What is in force comes back after a reboot: the first boot installs it and hands the files to the host, the second one restores it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { presentLines } from "../../../src/cli/persist/present-lines.ts";
import { Ioam6 } from "../../../src/linux/genetlink/ioam6.ts";
import { currentNetns } from "../../../src/linux/netns.ts";
import { addAddress } from "../../../src/linux/rtnetlink/addresses.ts";
import { createVeth, deleteLink, linkByName, setLink } from "../../../src/linux/rtnetlink/links.ts";
import { addRoute } from "../../../src/linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink/socket.ts";
import { waitUsable } from "../../../src/linux/rtnetlink/usable.ts";
import { writeSysctl } from "../../../src/linux/sysctl.ts";
import {
  addEncap,
  addSink,
  addTransit,
  deleteEncap,
  deleteSink,
  deleteTransit,
} from "../../../src/mark/ioam/control.ts";
import { NODE_FLAGS } from "../places.ts";
import { hopmark } from "./command.ts";
import { say } from "./say.ts";

const CONFIGURATION = "/etc/hopmark/ioam.conf";
const UNIT = "/etc/systemd/system/hopmark-persist.service";
const WATCH = "/etc/systemd/system/hopmark-watch.service";

/** On the machine's own interfaces, where packets would come and go. */
export const persist = (): string => {
  makeInterfaces();
  const netns = currentNetns();
  writeSysctl(netns, "net/ipv6/ioam6_id", 9);
  const ioam = new Ioam6(netns);
  ioam.addNamespace({ id: 123, data: 0xcafe });
  ioam.close();
  netns.close();
  addEncap(
    { device: "h_near" },
    { prefix: "db02::/64", traceType: 0xf00000, namespaceId: 123, size: 48, frequency: { packets: 1, of: 1 } },
  );
  addTransit({ device: "h_far" }, { xdp: true, nextHops: true });
  addSink({ device: "h_near" });
  hopmark("persist", "install");
  const files = [CONFIGURATION, UNIT, WATCH].map((name) => [name, readFileSync(name, "utf8")] as const);
  say({ type: "installed", files: Object.fromEntries(files) });
  deleteEncap({ device: "h_near" });
  deleteSink({ device: "h_near" });
  deleteTransit({ device: "h_far" });
  removeInterfaces();
  return `${linesOf(readFileSync(CONFIGURATION, "utf8")).length} lines installed`;
};

/** In another boot, with the files there: what systemd would start is started. */
export const afterReboot = async (): Promise<string> => {
  const wanted = linesOf(readFileSync(CONFIGURATION, "utf8"));
  assert.equal(wanted.length, 5, wanted.join("\n"));
  makeInterfaces();
  const [node, ...words] = commandOf(UNIT);
  const { status, stderr } = spawnSync(node, words, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(await presentLines(undefined), wanted);
  return `${wanted.length} lines are back, and so is what keeps ${await kept()}`;
};

/** The device whose next hops the other unit keeps, as it says itself. */
const kept = async (): Promise<string> => {
  const [node, ...words] = commandOf(WATCH);
  const keeper = spawn(node, [...words, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(keeper, "close");
  const [text] = (await once(keeper.stdout.setEncoding("utf8"), "data")) as [string];
  keeper.kill("SIGINT");
  assert.deepEqual(await closed, [0, null]);
  return (JSON.parse(text.split("\n")[0] ?? "") as { readonly device: string }).device;
};

const linesOf = (text: string): readonly string[] =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** What systemd would start; nothing in it is quoted here. */
const commandOf = (unit: string): readonly [node: string, ...words: string[]] => {
  const [, node = "", words = ""] = /^ExecStart=(\S+) (.*)$/m.exec(readFileSync(unit, "utf8")) ?? [];
  return [node, ...NODE_FLAGS, ...words.split(" ")];
};

/** What the network's own configuration makes at each boot. */
const makeInterfaces = (): void => {
  const route = openRtnetlink();
  try {
    createVeth(route, { name: "h_near" }, { name: "h_far" });
    for (const [name, address] of [
      ["h_near", "db01::1/64"],
      ["h_far", "db01::2/64"],
    ] as const) {
      const { index } = linkByName(route, name);
      setLink(route, index, { up: true });
      addAddress(route, index, address, { duplicateDetection: false });
    }
    addRoute(route, { destination: "db02::/64", device: linkByName(route, "h_near").index });
    waitUsable(route, "h_near", ["db01::1/64"]);
  } finally {
    route.close();
  }
};

const removeInterfaces = (): void => {
  const route = openRtnetlink();
  try {
    deleteLink(route, linkByName(route, "h_near").index);
  } finally {
    route.close();
  }
};
