/** bpf(2). */
import { PermissionError, type HopmarkError } from "../../errors.ts";
import { missingCapabilities, remedy, type Capability } from "../../linux/capabilities.ts";
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

/** The error of a failed call; `error` is the errno, whichever its sign. `needed`: what the call wants where it is permitted. */
export const bpfError = (
  command: CommandName,
  error: number,
  object: string,
  needed: readonly Capability[] = NEEDED,
): HopmarkError =>
  Math.abs(error) === Errno.EPERM
    ? notPermitted(`${command} (${object})`, needed)
    : syscallError(`bpf ${command}`, error, object);

const NEEDED = ["CAP_BPF", "CAP_NET_ADMIN"] as const;

/** What programs need that follow the kernel itself. */
export const NEEDED_TO_TRACE = ["CAP_BPF", "CAP_PERFMON"] as const;

/** What this thread lacks of what programs for the network need. */
export const missingBpfCapabilities = (): readonly string[] => missingCapabilities(NEEDED);

/** The error for EPERM: the capability that is missing, or what else may forbid it. */
export const notPermitted = (what: string, needed: readonly Capability[] = NEEDED): PermissionError => {
  const missing = missingCapabilities(needed);
  const [first] = missing;
  if (first !== undefined) {
    return new PermissionError(
      first,
      `${what} is not permitted: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
      {
        hint: remedy(missing),
      },
    );
  }
  return new PermissionError("CAP_SYS_ADMIN", `${what} is not permitted, though ${needed.join(" and ")} are there`, {
    hint: "look for a seccomp filter (containers have one), a user namespace, or kernel lockdown: hopmark doctor says",
  });
};
