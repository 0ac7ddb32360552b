/** What keeps a process from using the capabilities that it has. Source: user_namespaces(7), seccomp(2), kernel_lockdown(7). */
import { readFileSync } from "node:fs";

export interface Confinement {
  /** `this process is in a user namespace`. */
  readonly what: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}

/** The likeliest reason why what the capabilities allow is refused; undefined when nothing of the kind is to be seen. */
export const confinement = (files: ConfinementFiles = ownFiles()): Confinement | undefined => {
  const { uidMap, status, lockdown } = files;
  if (uidMap !== undefined && !WHOLE_MAP.test(uidMap)) {
    return {
      what: "this process is in a user namespace, whose capabilities do not count for it",
      remedy: "run it as the machine's own root: not under unshare -U, nor in a rootless container",
    };
  }
  if (/^Seccomp:\s*2$/m.test(status ?? "")) {
    return {
      what: "a seccomp filter is on this process",
      remedy:
        "let the filter allow it (docker run --security-opt seccomp=unconfined; systemd: SystemCallFilter=), or run it outside",
    };
  }
  if (lockdown !== undefined && lockdown !== "none") {
    return {
      what: `the kernel is locked down (${lockdown})`,
      remedy: "boot with lockdown=none, or without secure boot",
    };
  }
  return undefined;
};

/** What the kernel says of this process and of itself; undefined where it could not be read. */
export interface ConfinementFiles {
  /** /proc/self/uid_map */
  readonly uidMap: string | undefined;
  /** /proc/thread-self/status */
  readonly status: string | undefined;
  readonly lockdown: string | undefined;
}

/** Every user as they are: the namespace that the machine started with. */
const WHOLE_MAP = /^\s*0\s+0\s+4294967295\s*$/;

const ownFiles = (): ConfinementFiles => ({
  uidMap: read("/proc/self/uid_map"),
  status: read("/proc/thread-self/status"),
  lockdown: lockdownMode(),
});

/** `none`, `integrity` or `confidentiality`; undefined where securityfs is not mounted. */
export const lockdownMode = (): string | undefined =>
  // `none [integrity] confidentiality`, with brackets around the one in force.
  /\[(\w+)\]/.exec(read("/sys/kernel/security/lockdown") ?? "")?.[1];

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};
