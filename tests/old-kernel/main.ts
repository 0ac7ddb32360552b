/**
 * Hopmark on an older kernel, in a virtual machine: `main.ts [--essential | --programs N [--seed S]] KERNEL MODULE...`, the
 * files of a kernel and of the modules to load. See scripts/test-old-kernel. Exit status 0 when every check passed.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeInitramfs } from "./initramfs.ts";
import { runMachine } from "./machine.ts";
import type { Message } from "./places.ts";

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
    programs: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});
const [kernel, ...kernelModules] = positionals;
if (kernel === undefined) throw new Error("usage: main.ts [--essential | --programs N [--seed S]] KERNEL MODULE...");

const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1);
const directory = mkdtempSync(join(tmpdir(), "hopmark-old-kernel-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const root = fileURLToPath(new URL("../..", import.meta.url));
const initramfs = join(directory, "initramfs");
const consoleFile = join(directory, "console");
writeInitramfs(initramfs, { root, kernelModules });

let end: Extract<Message, { type: "end" }> | undefined;

const show = (line: string): void => {
  if (!line.startsWith("{")) return console.log(`        ${line}`);
  const message = JSON.parse(line) as Message;
  switch (message.type) {
    case "booted":
      return console.log(`Linux ${message.release}, up after ${message.seconds.toFixed(1)} s (emulated)`);
    case "check":
      return console.log(`ok      ${message.seconds.toFixed(1).padStart(5)} s  ${message.name}: ${message.detail}`);
    case "failed":
      return console.log(`FAILED  ${message.seconds.toFixed(1).padStart(5)} s  ${message.name}\n${message.error}`);
    case "end":
      end = message;
  }
};

const { trouble } = await runMachine({
  kernel,
  initramfs,
  console: consoleFile,
  environment: {
    HOPMARK_LIMIT_SECONDS: String(LIMIT_SECONDS + LIMIT_SECONDS_A_PROGRAM * Number(values.programs)),
    HOPMARK_ESSENTIAL: values.essential ? "1" : "0",
    HOPMARK_PROGRAMS: values.programs,
    HOPMARK_SEED: values.seed,
  },
  onLine: show,
});

const kernelSaid = readFileSync(consoleFile, "utf8").trim().split(/\r?\n/);
const troubles = [
  ...(trouble === undefined ? [] : [`the machine: ${trouble}`]),
  ...(trouble === undefined && end === undefined ? ["the machine ended before its last check"] : []),
  ...kernelSaid.filter((line) => KERNEL_TROUBLE.test(line)).map((line) => `the kernel: ${line}`),
];
for (const line of troubles) console.log(`FAILED  ${line}`);
const passed = troubles.length === 0 && end !== undefined && end.failed === 0 && end.checks > 0;
if (!passed) console.log(`\nthe kernel's last words:\n${kernelSaid.slice(-CONSOLE_LINES).join("\n")}\n`);
const count = end === undefined ? "not all checks were made" : `${end.checks - end.failed} of ${end.checks} checks`;
console.log(`${passed ? "passed" : "failed"}: ${count}, ${seconds()} s`);
process.exit(passed ? 0 : 1);
