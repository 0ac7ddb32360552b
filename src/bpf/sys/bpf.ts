/** bpf(2). */
import { readFileSync } from "node:fs";
import { PermissionError, type HopmarkError } from "../../errors.ts";
import { Errno, keepAlive, rawSyscall, syscallError } from "../../linux/ffi.ts";
import { syscallNumber } from "../../linux/syscall-numbers.ts";
import type { Attributes } from "./attributes.ts";
import { Command, type CommandName } from "./constants.ts";

const number = syscallNumber("bpf");
/** The kernel gives up verifying or testing when a signal comes: this often is enough, and not for ever. */
const ATTEMPTS = 5;

/** Returns what the kernel returned, or `-errno`. */
export const tryBpf = (command: CommandName, attributes: Attributes): number => {
  let result = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    result = rawSyscall(number, Command[command], attributes.bytes, attributes.bytes.length);
    if (result !== -Errno.EAGAIN && result !== -Errno.EINTR) break;
  }
  keepAlive(attributes.bytes);
  return result;
};

/** Like {@link tryBpf}, but throws; `object` says what the call was about. */
export const bpf = (command: CommandName, attributes: Attributes, object: string): number => {
  const result = tryBpf(command, attributes);
  if (result < 0) throw bpfError(command, result, object);
  return result;
};

/** The error of a failed call; `error` is the errno, whichever its sign. */
export const bpfError = (command: CommandName, error: number, object: string): HopmarkError =>
  Math.abs(error) === Errno.EPERM
    ? notPermitted(`${command} (${object})`)
    : syscallError(`bpf ${command}`, error, object);

const CAPABILITIES: readonly (readonly [name: string, bit: bigint])[] = [
  ["CAP_NET_ADMIN", 12n],
  ["CAP_BPF", 39n],
];
const CAP_SYS_ADMIN = 21n;

/** What this thread lacks of what programs for the network need. */
export const missingCapabilities = (): string[] => {
  const status = readFileSync("/proc/thread-self/status", "latin1");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  return CAPABILITIES.filter(([, bit]) => !has(bit) && !has(CAP_SYS_ADMIN)).map(([name]) => name);
};

/** The error for EPERM: the capability that is missing, or what else may forbid it. */
export const notPermitted = (what: string): PermissionError => {
  const missing = missingCapabilities();
  if (missing.length > 0) {
    const names = missing.join(" and ");
    return new PermissionError(names, `${what} is not permitted: ${names} is missing`, {
      hint: "run as root, or give the process CAP_BPF and CAP_NET_ADMIN (systemd: AmbientCapabilities=)",
    });
  }
  return new PermissionError("CAP_SYS_ADMIN", `${what} is not permitted, though CAP_BPF and CAP_NET_ADMIN are there`, {
    hint: "look for a seccomp filter (containers have one), a user namespace, or kernel lockdown: hopmark doctor says",
  });
};
