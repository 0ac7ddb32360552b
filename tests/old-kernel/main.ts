/**
 * Hopmark on an older kernel, in a virtual machine: `main.ts [--essential | --reboot | --programs N [--seed S]] [--only TEXT] KERNEL MODULE...`,
 * the files of a kernel and of the modules to load. See scripts/test-old-kernel. Exit status 0 when every check passed. Two
 * machines share the checks. With --reboot one is booted again, with what `hopmark persist install` wrote.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { addFiles, writeInitramfs } from "./initramfs.ts";
import { runMachine } from "./machine.ts";
import type { Message, Part } from "./places.ts";
import { uncompressedKernel } from "./uncompressed-kernel.ts";

/** Three times what it takes alone: in CI other tests have the machine too. */
const LIMIT_SECONDS = 600;
/** Generous: a random program takes a quarter of a second. */
const LIMIT_SECONDS_A_PROGRAM = 2;

/** What a kernel says when something is wrong with itself, or with what a program made it do. */
const KERNEL_TROUBLE = /\b(?:BUG|WARNING|Oops|Kernel panic|general protection fault|refcount_t|rcu: INFO)\b/;
const CONSOLE_LINES = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    essential: { type: "boolean", default: false },
    reboot: { type: "boolean", default: false },
    programs: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
  },
});
const [kernel, ...kernelModules] = positionals;
if (kernel === undefined)
  throw new Error("usage: main.ts [--essential | --reboot | --programs N [--seed S]] [--only TEXT] KERNEL MODULE...");

const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1);
const directory = mkdtempSync(join(tmpdir(), "hopmark-old-kernel-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const root = fileURLToPath(new URL("../..", import.meta.url));
writeInitramfs(join(directory, "initramfs"), { root, kernelModules });
const kernelFile = uncompressedKernel(kernel, join(directory, "vmlinux"));

/** What a machine tells besides its checks. */
interface Told {
  end?: Extract<Message, { type: "end" }>;
  readonly onInstalled: (files: Readonly<Record<string, string>>) => void;
}

const show = (line: string, told: Told): void => {
  if (!line.startsWith("{")) return console.log(`        ${line}`);
  const message = JSON.parse(line) as Message;
  switch (message.type) {
    case "booted":
      return console.log(`Linux ${message.release}, up after ${message.seconds.toFixed(1)} s (emulated)`);
    case "check":
      return console.log(`ok      ${message.seconds.toFixed(1).padStart(5)} s  ${message.name}: ${message.detail}`);
    case "failed":
      return console.log(`FAILED  ${message.seconds.toFixed(1).padStart(5)} s  ${message.name}\n${message.error}`);
    case "installed":
      return told.onInstalled(message.files);
    case "end":
      told.end = message;
  }
};

interface Boot {
  readonly checks: number;
  readonly failed: number;
  readonly troubles: readonly string[];
  readonly kernelSaid: readonly string[];
}

const boot = async (part: Part, onInstalled: Told["onInstalled"]): Promise<Boot> => {
  const told: Told = { onInstalled };
  const consoleFile = join(directory, `${part}-console`);
  const { trouble } = await runMachine({
    kernel: kernelFile,
    initramfs: join(directory, part === "rebooted" ? "rebooted" : "initramfs"),
    console: consoleFile,
    environment: {
      HOPMARK_LIMIT_SECONDS: String(LIMIT_SECONDS + LIMIT_SECONDS_A_PROGRAM * Number(values.programs)),
      HOPMARK_PART: part,
      HOPMARK_PROGRAMS: values.programs,
      HOPMARK_SEED: values.seed,
      HOPMARK_ONLY: part === "rebooted" ? "" : encodeURIComponent(values.only),
    },
    onLine: (line) => show(line, told),
  });
  const kernelSaid = readFileSync(consoleFile, "utf8").trim().split(/\r?\n/);
  const troubles = [
    ...(trouble === undefined ? [] : [`the machine: ${trouble}`]),
    ...(trouble === undefined && told.end === undefined ? ["the machine ended before its last check"] : []),
    ...kernelSaid.filter((line) => KERNEL_TROUBLE.test(line)).map((line) => `the kernel: ${line}`),
  ];
  return { checks: told.end?.checks ?? 0, failed: told.end?.failed ?? 0, troubles, kernelSaid };
};

let rebooted: Promise<Boot> | undefined;
const onInstalled: Told["onInstalled"] = (files) => {
  copyFileSync(join(directory, "initramfs"), join(directory, "rebooted"));
  addFiles(join(directory, "rebooted"), new Map(Object.entries(files)));
  rebooted = boot("rebooted", () => {});
};
const parts = (): readonly Part[] => {
  if (values.essential) return ["essential"];
  if (values.reboot) return ["reboot"];
  return values.only === "" && values.programs === "0" ? ["first", "second"] : ["all"];
};
const boots = await Promise.all(parts().map((part) => boot(part, onInstalled)));
if (rebooted !== undefined) boots.push(await rebooted);
const sum = (count: (own: Boot) => number): number => boots.reduce((before, own) => before + count(own), 0);
const [checks, failed] = [sum((own) => own.checks), sum((own) => own.failed)];
const troubles = boots.flatMap((own) => own.troubles);
for (const line of troubles) console.log(`FAILED  ${line}`);
const passed = troubles.length === 0 && failed === 0 && checks > 0;
if (!passed) {
  const lastWords = boots.map(({ kernelSaid }) => kernelSaid.slice(-CONSOLE_LINES).join("\n")).join("\n…\n");
  console.log(`\nthe kernel's last words:\n${lastWords}\n`);
}
console.log(`${passed ? "passed" : "failed"}: ${checks - failed} of ${checks} checks, ${seconds()} s`);
process.exit(passed ? 0 : 1);
