/** How long a user waits for a program. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setOffloads } from "../../src/linux/ethtool.ts";
import { createNetns, deleteNetns, type Netns } from "../../src/linux/netns.ts";
import { createVeth, linkByName, setLink } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { compare, median, rowOf, type Row } from "../row.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const register = here("../../dist/compiler/source/register.cjs");

/**
 * What a user's shell mostly has not: with certificates to read, Node.js alone takes twice its time, and any ratio to that
 * looks well.
 */
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...environment } = process.env;

/** Sends from the device that it is given, a packet each millisecond. */
const SENDER = `
const socket = require("node:dgram").createSocket("udp6");
setInterval(() => socket.send(Buffer.alloc(40), 9, "ff02::1%" + process.argv[1]), 1);
process.stdout.write("sending");
`;

/** From the start of a process to its program, against the start and the end of a process with no program. */
export const startUp = async (report: (row: Row) => void): Promise<void> => {
  const name = `hm-start-${process.pid}`;
  // What others keep meanwhile may drive out what the first round kept.
  const XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), "hopmark-start-"));
  const env = { ...environment, XDG_CACHE_HOME };
  const netns = createNetns(name);
  try {
    makeDevices(netns);
    const peer = { peerName: "node start alone", peer: () => toEnd(netns, env) };
    const measure = (where: string, hook: string, device: string): void => {
      const kernelMs: number[] = [];
      const ours = (): number => {
        const { elapsedMs, rest } = toMoment(netns, env, "start.ts", hook, device);
        kernelMs.push(rest / 1e6);
        return elapsedMs;
      };
      const row = compare({
        name: `script start to program attached, ${where}`,
        unit: "ms",
        better: "lower",
        ours,
        ...peer,
      });
      // It waits until no CPU can be in what was there before (a grace period of RCU), whoever attaches, but only then returns.
      const kernel = median(kernelMs);
      const ratioWithout = (row.ours - kernel) / row.peer.value;
      report({ ...row, details: { "of it the kernel attaches": kernel, "ratio without that": ratioWithout } });
    };
    report(await commandStart(netns, env));
    measure("XDP", "xdp", "west");
    measure("XDP where NAPI is on", "xdp", "napi");
    measure("tc", "tc", "west");
    const sender = withNetns(netns, () => spawn(process.execPath, ["-e", SENDER, "east"], { env, stdio: "pipe" }));
    try {
      await once(sender.stdout, "data");
      const ours = (): number => toMoment(netns, env, "start-first.ts", "west").elapsedMs;
      report(compare({ name: "script start to first packet in XDP", unit: "ms", better: "lower", ours, ...peer }));
    } finally {
      sender.kill();
    }
  } finally {
    netns.close();
    deleteNetns(name);
    rmSync(XDG_CACHE_HOME, { recursive: true });
  }
};

const ROUNDS = 9;

/** From the start of `hopmark run` to what it says once the program is attached. */
const commandStart = async (netns: Netns, env: NodeJS.ProcessEnv): Promise<Row> => {
  const args = [
    here("../../bin/hopmark.js"),
    "run",
    here("../../examples/count-sources.bpf.ts"),
    "--dev",
    "west",
    "--json",
  ];
  const toSaid = async (): Promise<number> => {
    const before = performance.now();
    const child = withNetns(netns, () => spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] }));
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    const elapsedMs = performance.now() - before;
    if (!first.toString().startsWith('{"type":"attached"')) throw new Error(`hopmark run said ${first.toString()}`);
    child.kill("SIGINT");
    await once(child, "exit");
    return elapsedMs;
  };
  const pairs: { ours: number; peer: number }[] = [];
  await toSaid();
  for (let round = 0; round < ROUNDS; round++) pairs.push({ ours: await toSaid(), peer: toEnd(netns, env) });
  return rowOf(
    { name: "hopmark run to program attached", unit: "ms", better: "lower", peerName: "node start alone" },
    pairs,
  );
};

/** Two pairs of veth; the driver of `napi` runs as that of a real device does, without XDP too. */
const makeDevices = (netns: Netns): void => {
  const route = openRtnetlink(netns);
  try {
    for (const [one, other] of [
      ["west", "east"],
      ["napi", "far"],
    ] as const) {
      createVeth(route, { name: one }, { name: other });
      for (const end of [one, other]) setLink(route, linkByName(route, end).index, { up: true });
    }
    setOffloads(route, "napi", { gro: true });
  } finally {
    route.close();
  }
};

const toEnd = (netns: Netns, env: NodeJS.ProcessEnv): number => {
  const before = performance.now();
  withNetns(netns, () => execFileSync(process.execPath, ["-e", "0"], { env, stdio: "pipe" }));
  return performance.now() - before;
};

/** From the start of a script to the moment that it prints, in ms, and what it prints behind that. */
const toMoment = (
  netns: Netns,
  env: NodeJS.ProcessEnv,
  script: string,
  ...words: string[]
): { readonly elapsedMs: number; readonly rest: number } => {
  const before = process.hrtime.bigint();
  const args = ["-r", register, here(script), ...words];
  const output = withNetns(netns, () => execFileSync(process.execPath, args, { env, encoding: "utf8" }));
  const [moment = "", rest = ""] = output.trim().split(" ");
  return { elapsedMs: Number(BigInt(moment) - before) / 1e6, rest: Number(rest) };
};
