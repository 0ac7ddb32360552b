/**
 * Runs around all tests: when they are over, nothing of theirs is left: no process, temporary file, network namespace, lab, pin,
 * or program on the host's interfaces. Processes and files are known by what they inherit; of the rest it fails in CI, which
 * has the machine to itself, and elsewhere tells of it, since others may have tests running too.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MARK = "HOPMARK_TEST_RUN";
/** What dies takes a moment: the kernel takes links and namespaces away in its own time. */
const PATIENCE_MS = 5000;
const LOOK_MS = 100;

export const setup = (): (() => Promise<void>) => {
  const before = new Set(shared());
  process.env[MARK] = String(process.pid);
  const files = mkdtempSync(join(tmpdir(), "hopmark-tests-"));
  // Some tests run programs as nobody.
  chmodSync(files, 0o755);
  process.env["TMPDIR"] = files;
  return async () => {
    const ours = (): string[] => [...processes(), ...readdirSync(files).map((name) => `file ${join(files, name)}`)];
    const others = (): string[] => shared().filter((one) => !before.has(one));
    const [own, rest] = [await lasting(ours), await lasting(others)];
    rmSync(files, { recursive: true, force: true });
    if (rest.length > 0 && process.env["CI"] === undefined) console.warn(said("these tests, or others", rest));
    const left = [...own, ...(process.env["CI"] === undefined ? [] : rest)];
    if (left.length === 0) return;
    console.error(said("the tests", left));
    // What is thrown here would be printed only.
    process.exitCode = 1;
  };
};

const said = (who: string, left: readonly string[]): string => `${who} left behind:\n  ${left.join("\n  ")}`;

/** What is still there in the end. */
const lasting = async (look: () => string[]): Promise<string[]> => {
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
    const left = look();
    if (left.length === 0 || performance.now() > end) return left;
  }
};

/** Of this run, but this one. */
const processes = (): string[] =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${MARK}=${process.pid}`)) return [];
        return [`process ${pid}: ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()}`];
      } catch {
        return []; // gone meanwhile
      }
    });

/** What several runs have in common: each names what it makes after a process. */
const shared = (): string[] => [
  ...namesIn("/run/netns")
    .filter(isDeadOnes)
    .map((name) => `network namespace ${name}`),
  ...namesIn("/run/hopmark/labs")
    .filter(isDeadOnes)
    .map((name) => `lab ${name}`),
  ...namesIn("/sys/fs/bpf/hopmark")
    .filter(isDeadNetns)
    .map((name) => `pins ${name}`),
  ...hostPrograms(),
];

const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

/** Whether no number in the name is that of a process. */
const isDeadOnes = (name: string): boolean => {
  const numbers = name.match(/\d+/g) ?? [];
  return numbers.length > 0 && numbers.every((pid) => !existsSync(`/proc/${pid}`));
};

/** Pins of a network namespace that has no name and no process. */
const isDeadNetns = (name: string): boolean => {
  const [, inode] = /^netns-(\d+)$/.exec(name) ?? [];
  return inode !== undefined && !liveNetns().has(inode);
};

const liveNetns = (): Set<string> => {
  const named = namesIn("/run/netns").map((name) => `/run/netns/${name}`);
  const entered = readdirSync("/proc").map((pid) => `/proc/${pid}/ns/net`);
  return new Set([...named, ...entered].flatMap(inodeOf));
};

const inodeOf = (path: string): string[] => {
  try {
    return [String(statSync(path).ino)];
  } catch {
    return []; // gone meanwhile, no process, or not ours to see
  }
};

const hostPrograms = (): string[] => {
  const clsact = execFileSync("tc", ["qdisc", "show", "clsact"], { encoding: "utf8" }).split("\n").filter(Boolean);
  const [net] = JSON.parse(execFileSync("bpftool", ["-j", "net", "show"], { encoding: "utf8" })) as [object];
  return [
    ...clsact,
    ...Object.entries(net).flatMap(([hook, all]) => (all as unknown[]).map((one) => `${hook} ${JSON.stringify(one)}`)),
  ].map((one) => `on the host: ${one}`);
};
