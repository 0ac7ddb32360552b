/** How long a user waits for a program. */
import { fork, spawn, type ChildProcess, type ForkOptions } from "node:child_process";
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
import { median, rowOf, type PairedRow, type Row } from "../row.ts";

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
  const starter = new Starter(netns, env);
  try {
    makeDevices(netns);
    const measure = async (where: string, hook: string, device: string): Promise<void> => {
      const kernelMs: number[] = [];
      const ours = async (): Promise<number> => {
        const { elapsedMs, rest } = await starter.toMoment("start.ts", hook, device);
        kernelMs.push(rest / 1e6);
        return elapsedMs;
      };
      const row = await againstNode(starter, `script start to program attached, ${where}`, ours);
      // It waits until no CPU can be in what was there before (a grace period of RCU), whoever attaches, but only then returns.
      const kernel = median(kernelMs);
      const ratioWithout = (row.ours - kernel) / row.peer.value;
      report({ ...row, details: { "of it the kernel attaches": kernel, "ratio without that": ratioWithout } });
    };
    report(await againstNode(starter, "hopmark run to program attached", () => starter.toAttached()));
    await measure("XDP", "xdp", "west");
    await measure("XDP where NAPI is on", "xdp", "napi");
    await measure("tc", "tc", "west");
    const sender = withNetns(netns, () => spawn(process.execPath, ["-e", SENDER, "east"], { env, stdio: "pipe" }));
    try {
      await once(sender.stdout, "data");
      const ours = async (): Promise<number> => (await starter.toMoment("start-first.ts", "west")).elapsedMs;
      report(await againstNode(starter, "script start to first packet in XDP", ours));
    } finally {
      sender.kill();
    }
  } finally {
    starter.close();
    netns.close();
    deleteNetns(name);
    rmSync(XDG_CACHE_HOME, { recursive: true });
  }
};

const ROUNDS = 9;

/** A B A B …, after one of each that does not count. */
const againstNode = async (starter: Starter, name: string, ours: () => Promise<number>): Promise<PairedRow> => {
  const pairs: { ours: number; peer: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) pairs.push({ ours: await ours(), peer: await starter.toEnd() });
  return rowOf({ name, unit: "ms", better: "lower", peerName: "node start alone" }, pairs.slice(1));
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

/** What `spawner.mjs` answers: a time before the start, one at the end, or when something was said, and what. */
interface Answer {
  readonly before: bigint;
  readonly after: bigint;
  readonly output: string;
  readonly error?: string;
}

/** Starts processes, from one that is small. */
class Starter {
  readonly #spawner: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(netns: Netns, env: NodeJS.ProcessEnv) {
    const options: ForkOptions = { env, execArgv: [], serialization: "advanced" };
    this.#spawner = withNetns(netns, () => fork(here("spawner.mjs"), options));
    this.#ended = once(this.#spawner, "exit").then(() => [{ error: "the spawner ended" }]);
  }

  /** ms to the end of a process that does nothing. */
  async toEnd(): Promise<number> {
    return elapsed(await this.#ask({ args: ["-e", "0"] }));
  }

  /** From the start of a script to the moment that it prints, in ms, and what it prints behind that. */
  async toMoment(script: string, ...words: string[]): Promise<{ readonly elapsedMs: number; readonly rest: number }> {
    const { before, output } = await this.#ask({ args: ["-r", register, here(script), ...words] });
    const [moment = "", rest = ""] = output.trim().split(" ");
    return { elapsedMs: Number(BigInt(moment) - before) / 1e6, rest: Number(rest) };
  }

  /** From the start of `hopmark run` to what it says once the program is attached. */
  async toAttached(): Promise<number> {
    const program = here("../../examples/count-sources.bpf.ts");
    const args = [here("../../bin/hopmark.js"), "run", program, "--dev", "west", "--json"];
    const answer = await this.#ask({ args, isEndless: true });
    if (!answer.output.startsWith('{"type":"attached"')) throw new Error(`hopmark run said ${answer.output}`);
    return elapsed(answer);
  }

  close(): void {
    this.#spawner.disconnect();
  }

  async #ask(what: { readonly args: readonly string[]; readonly isEndless?: boolean }): Promise<Answer> {
    this.#spawner.send(what);
    const [answer] = (await Promise.race([once(this.#spawner, "message"), this.#ended])) as [Answer];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}

const elapsed = ({ before, after }: Answer): number => Number(after - before) / 1e6;
