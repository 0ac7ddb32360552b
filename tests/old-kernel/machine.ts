/** A virtual machine that runs one kernel with one root file system until it powers off. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { GuestEnvironment } from "./places.ts";

export interface MachineOptions {
  readonly kernel: string;
  readonly initramfs: string;
  /** File for what the kernel says. */
  readonly console: string;
  readonly environment: GuestEnvironment;
  /** A line of the second serial port. */
  onLine(line: string): void;
}

export interface MachineEnd {
  /** How the emulator ended, when not as it should. */
  readonly trouble: string | undefined;
}

const HARDWARE =
  "-accel tcg,thread=multi -machine pc -cpu max -smp 2 -m 1536 -nodefaults -display none -nic none -no-reboot";
/**
 * Warnings and worse on the console. A panic ends the machine, as any restart does. What guards against other programs'
 * curiosity is off: emulated, it takes a good part of the time, and the verifier asks root's programs for nothing because of it.
 */
const COMMAND_LINE = "console=ttyS0 loglevel=5 panic=-1 random.trust_cpu=on mitigations=off init_on_alloc=0";

/**
 * Boots and waits for the end. Emulates all of it (TCG): it takes no right and no /dev/kvm. The emulator is a child of
 * this process and ends with it.
 */
export const runMachine = (options: MachineOptions): Promise<MachineEnd> => {
  const files = ["-kernel", options.kernel, "-initrd", options.initramfs, "-serial", `file:${options.console}`];
  const limitSeconds = Number(options.environment.HOPMARK_LIMIT_SECONDS);
  const environment = Object.entries(options.environment).map(([name, value]) => `${name}=${value}`);
  const commandLine = [COMMAND_LINE, ...environment].join(" ");
  const args = [...HARDWARE.split(" "), ...files, "-serial", "stdio", "-append", commandLine];
  const emulator = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  let late = false;
  emulator.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  createInterface({ input: emulator.stdout }).on("line", (line) => options.onLine(line.trim()));
  const limit = setTimeout(() => {
    late = true;
    emulator.kill("SIGKILL");
  }, limitSeconds * 1000);
  const stop = (): void => void emulator.kill("SIGKILL");
  process.once("exit", stop);
  return new Promise((resolve, reject) => {
    emulator.once("error", reject);
    emulator.once("close", (code, signal) => {
      clearTimeout(limit);
      process.removeListener("exit", stop);
      if (late) resolve({ trouble: `not done after ${limitSeconds} s` });
      else if (code === 0) resolve({ trouble: undefined });
      else resolve({ trouble: `qemu ended with ${signal ?? code}: ${complaints.trim()}` });
    });
  });
};
