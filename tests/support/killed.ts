/**
 * Commands of the built program that are killed on the way, at the very system call: strace tells which calls change something
 * outside of the process, and kills the next run on entering one of them.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../architecture/source-file.ts";

/** The `nth` call of that name by the program's first thread, from 1 on. */
export interface Moment {
  readonly call: string;
  readonly nth: number;
  /** The call as strace shows it. */
  readonly text: string;
}

export interface Command {
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How many moments of each command are tried, as an environment variable says; all of them when there are no more. */
export const killsAsked = (variable: string): number => Number(process.env[variable] ?? 1);

/** Runs the command to its end, which must be a good one, and returns each call by which it changed something, in order. */
export const momentsOf = async (command: Command): Promise<Moment[]> => {
  const directory = mkdtempSync(join(tmpdir(), "hopmark-killed-"));
  const log = join(directory, "strace");
  try {
    const { status, stderr } = await underStrace(command, ["-o", log, "-e", `trace=${CALLS.join(",")}`]);
    if (status !== 0) throw new Error(`hopmark ${command.words.join(" ")}: ${status}\n${stderr}`);
    return parse(readFileSync(log, "utf8"));
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** Kills the command on entering that call. False when it came to its end before: others had less in their way. */
export const killAt = async (command: Command, { call, nth }: Moment): Promise<boolean> => {
  const inject = `inject=${call}:signal=SIGKILL:when=${nth}`;
  const { signal } = await underStrace(command, ["-o", "/dev/null", "-e", `trace=${call}`, "-e", inject]);
  return signal === "SIGKILL";
};

/** `count` of them, each from another stretch of the command's way. */
export const someOf = (moments: readonly Moment[], count: number): readonly Moment[] => {
  if (count >= moments.length) return moments;
  const stretch = moments.length / count;
  return Array.from({ length: count }, (_, index) => moments[Math.floor((index + Math.random()) * stretch)]!);
};

/** Those by which something is changed, or may be. */
const CALLS = ["bpf", "sendto", "mount", "umount2", "rename", "unlink", "rmdir", "mkdir", "symlink", "fsync", "ioctl"];

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const underStrace = ({ words, environment }: Command, options: readonly string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const program = [process.execPath, join(root, "bin/hopmark.js"), ...words];
    const child = spawn("strace", ["-qqq", ...options, ...program], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...environment },
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal, stderr }));
  });

const parse = (log: string): Moment[] => {
  const counts = new Map<string, number>();
  return log.split("\n").flatMap((line) => {
    const [, call, text = ""] = /^(\w+)\((.*)$/.exec(line) ?? [];
    if (call === undefined) return [];
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    return isChange(call, text) ? [{ call, nth, text: `${call}(${text}`.slice(0, 120) }] : [];
  });
};

const isChange = (call: string, text: string): boolean => {
  if (/ = -1 /.test(text)) return false;
  if (call === "bpf") return /^BPF_(?:OBJ_PIN|LINK_|PROG_ATTACH|PROG_DETACH|MAP_UPDATE|MAP_DELETE)/.test(text);
  if (call === "ioctl") return /SIOCETHTOOL|SIOCSHWTSTAMP/.test(text);
  const [, type] = /nlmsg_type=(0x[\da-f]+|\w+)/.exec(text) ?? [];
  // rtnetlink's types come in fours: new, delete, get, set.
  return call !== "sendto" || type === undefined || !(Number(type) % 4 === 2 || type.includes("GET"));
};
