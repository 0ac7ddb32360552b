/** The guest's first process: mounts, loads modules, runs the suite, and switches the machine off whatever happens. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { cString, rawSyscall, syscall, syscallError } from "../../../src/linux/ffi.ts";
import { MODULE_DIRECTORY, NODE, NODE_FLAGS, RESULTS_DEVICE, SUITE, type Message } from "../places.ts";
import { say } from "./say.ts";

/** Of x86-64: arch/x86/entry/syscalls/syscall_64.tbl. */
const Call = { reboot: 169, initModule: 175 } as const;
/** include/uapi/linux/reboot.h. `qemu -no-reboot` ends at a restart, which needs no ACPI. */
const Reboot = { magic1: 0xfee1dead, magic2: 0x28121969, restart: 0x01234567 } as const;

const FILE_SYSTEMS = [
  ["proc", "/proc"],
  ["sysfs", "/sys"],
  ["devtmpfs", "/dev"],
  ["cgroup2", "/sys/fs/cgroup"],
] as const;

const mountAll = (): void => {
  for (const [type, path] of FILE_SYSTEMS) {
    mkdirSync(path, { recursive: true });
    syscall("mount", path, cString(type), cString(path), cString(type), 0, null);
  }
};

/** None of them depends on another. */
const loadModules = (): void => {
  for (const name of readdirSync(MODULE_DIRECTORY)) {
    const module = readFileSync(`${MODULE_DIRECTORY}/${name}`);
    const result = rawSyscall(Call.initModule, module, module.length, cString(""));
    if (result < 0) throw syscallError("init_module", result, name);
  }
};

const runSuite = (): Promise<void> => {
  const results = openSync(RESULTS_DEVICE, "w");
  // Whatever is written to standard output by mistake is shown, too; the console takes the rest.
  const suite = spawn(NODE, [...NODE_FLAGS, SUITE], { stdio: ["ignore", results, "inherit"] });
  closeSync(results);
  return new Promise((resolve, reject) => {
    suite.once("error", reject);
    suite.once("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the suite ended with ${signal ?? code}`));
    });
  });
};

const start = async (): Promise<void> => {
  mountAll();
  const results = openSync(RESULTS_DEVICE, "w");
  const [seconds = "0"] = readFileSync("/proc/uptime", "utf8").split(" ");
  const release = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  say({ type: "booted", release, seconds: Number(seconds) } satisfies Message, results);
  closeSync(results);
  loadModules();
  await runSuite();
};

const switchOff = (): void => {
  rawSyscall(Call.reboot, Reboot.magic1, Reboot.magic2, Reboot.restart, null);
};

setTimeout(switchOff, Number(process.env["HOPMARK_LIMIT_SECONDS"]) * 1000);
try {
  await start();
} catch (error) {
  console.error(error);
} finally {
  switchOff();
}
