/** bpf(2). */
import { PermissionError, UnsupportedError, type HopmarkError } from "../../errors.ts";
import { missingCapabilities, remedy, type Capability } from "../../linux/capabilities.ts";
import { confinement } from "../../linux/confinement.ts";
import { Errno, keepAlive, rawSyscall, syscall, syscallError } from "../../linux/ffi.ts";
import { syscallNumber } from "../../linux/syscall-numbers.ts";
import type { Attributes } from "./attributes.ts";
import { Command, type CommandName } from "./constants.ts";

const number = syscallNumber("bpf");
/** How often a call is made whose verifying or testing the kernel gave up because a signal had come. */
const ATTEMPTS = 5;

/** Returns what the kernel returned, or `-errno`. */
export const tryBpf = (command: CommandName, attributes: Attributes): number => {
  const call = (): number => rawSyscall(number, Command[command], attributes.bytes, attributes.bytes.length);
  let result = call();
  if (isInterrupted(result)) {
    result = withoutSignals(() => {
      let again = call();
      for (let attempt = 2; attempt < ATTEMPTS && isInterrupted(again); attempt++) again = call();
      return again;
    });
  }
  keepAlive(attributes.bytes);
  return result;
};

const isInterrupted = (result: number): boolean => result === -Errno.EAGAIN || result === -Errno.EINTR;

const SIG_SETMASK = 2;
const SIGNALS_BYTES = 8;

/** Signals wait meanwhile, which may come more often than the kernel verifies a program: those of a profiler do. */
const withoutSignals = (run: () => number): number => {
  const before = new Uint8Array(SIGNALS_BYTES);
  const set = (signals: Uint8Array, old: Uint8Array | null): number =>
    syscall("rt_sigprocmask", "signals", SIG_SETMASK, signals, old, SIGNALS_BYTES);
  set(new Uint8Array(SIGNALS_BYTES).fill(0xff), before);
  try {
    return run();
  } finally {
    set(before, null);
  }
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
): HopmarkError => {
  switch (Math.abs(error)) {
    case Errno.EPERM:
      return notPermitted(`${command} (${object})`, needed);
    case Errno.ENOSYS:
      return new UnsupportedError("bpf", `there is no bpf(2) here (${command}, ${object}: ENOSYS)`, {
        hint: "use a kernel built with CONFIG_BPF_SYSCALL=y; seccomp filters and sandboxes (gVisor) may also hide it",
      });
    default:
      return syscallError(`bpf ${command}`, error, object);
  }
};

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
  const confined = confinement();
  const why = confined === undefined ? "" : `: ${confined.what}`;
  return new PermissionError(
    "CAP_SYS_ADMIN",
    `${what} is not permitted, though ${needed.join(" and ")} are there${why}`,
    {
      hint:
        confined?.remedy ?? "a security module (SELinux, AppArmor) may forbid it: look into the kernel's log (dmesg)",
    },
  );
};
