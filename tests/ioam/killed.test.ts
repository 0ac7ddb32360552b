/**
 * Commands that are killed on the way: the next command finishes what they began, and removal leaves nothing. More of them:
 * IOAM_KILLS=30. What the next command finds in each state is tried in src/mark/ioam/encap/change.test.ts.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listPins } from "../../src/bpf/pin/registry.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { routes } from "../../src/linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { deleteEncap, showIoam } from "../../src/mark/ioam/control.ts";
import { root } from "../architecture/source-file.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { IoamLab } from "../support/ioam-lab.ts";

const KILLS = Number(process.env["IOAM_KILLS"] ?? 2);
const LOWERED = 1500 - 104;

let lab: IoamLab;
beforeEach(() => {
  lab = new IoamLab();
});
afterEach(() => lab.close());

const netns = (): string => `${lab.name}-athos`;
const words = (verb: "add" | "delete", prefix: string): string[] => [
  "ioam",
  "encap",
  verb,
  prefix,
  "dev",
  "h_athos",
  "--netns",
  netns(),
  ...(verb === "add" ? "trace prealloc type 0xfe0000 ns 123 size 84".split(" ") : []),
];

/** Runs a command of the built program; kills it after so many ms. Resolves when it has ended, with the ms that it took. */
const run = (command: readonly string[], killAfterMs: number | null): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [join(root, "bin/hopmark.js"), ...command], { stdio: "ignore" });
    const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      resolve(performance.now() - start);
    });
  });

const mtuTo = (destination: string): number | undefined => {
  const socket = openRtnetlink(lab.node("athos"));
  try {
    return routes(socket).find((route) => route.destination === destination)?.mtu;
  } finally {
    socket.close();
  }
};
const pins = (): number => listPins().filter(({ place }) => place.netnsInode === lab.node("athos").inode).length;

/** All of a rule is there, or nothing. Returns whether it is. */
const consistent = async (prefix: string): Promise<boolean> => {
  const rules = showIoam(netns());
  const isThere = rules.length === 1;
  expect({ rules: rules.length, mtu: mtuTo(prefix), pins: pins() }).toEqual(
    isThere ? { rules: 1, mtu: LOWERED, pins: 1 } : { rules: 0, mtu: undefined, pins: 0 },
  );
  const before = rules[0]?.counters["sent"] ?? 0n;
  const wire = new PacketSocket(lab.node("porthos"), lab.ifindex("porthos", "h_porthos_a"));
  try {
    const ping = await startPing(lab.node("athos"), { target: "db02::2", count: 3, intervalMs: 1 });
    expect(await ping.finished).toMatchObject({ received: 3 });
    let traced = 0;
    for (let packet = wire.receive(); packet !== null; packet = wire.receive()) if (isTraced(packet)) traced++;
    expect(traced).toBe(isThere ? 3 : 0);
  } finally {
    wire.close();
  }
  if (isThere) expect(showIoam(netns())[0]?.counters["sent"]).toBe(before + 3n);
  return isThere;
};

/** To db02::2, with a Hop-by-Hop header of a trace's length. */
const isTraced = (packet: Uint8Array): boolean =>
  packet[20] === 0 && packet[55] === 12 && packet[38] === 0xdb && packet[39] === 0x02;

test.each(["add", "delete"] as const)("%s", { timeout: 120_000 }, async (verb) => {
  const prefix = "db02::/64";
  const whole = await run(words("add", prefix), null);
  expect(await consistent(prefix)).toBe(true);
  if (verb === "add") deleteEncap({ device: "h_athos", netns: netns() });
  const ends: boolean[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    // From when it may have begun to change something until it has certainly ended.
    await run(words(verb, prefix), whole * (0.4 + (0.7 * kill) / Math.max(1, KILLS - 1)));
    const isThere = await consistent(prefix);
    ends.push(isThere);
    if (isThere && verb === "add") deleteEncap({ device: "h_athos", netns: netns() });
    if (!isThere && verb === "delete") await run(words("add", prefix), null);
    if (verb === "add") expect(await consistent(prefix)).toBe(false);
  }
  console.log(`${verb}: ${Math.round(whole)} ms, there after being killed: ${ends.join(" ")}`);
});
