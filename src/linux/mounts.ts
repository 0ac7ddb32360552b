/** Mounts and mount namespaces. Source: proc_pid_mountinfo(5), statfs(2). */
import { readFileSync } from "node:fs";
import { cString, Errno, rawSyscall, syscallError } from "./ffi.ts";
import { syscallNumber } from "./syscall-numbers.ts";

export interface Mount {
  /** Unique in the system while it is mounted. */
  readonly id: number;
  readonly path: string;
  readonly type: string;
}

/** Filesystem magic numbers (include/uapi/linux/magic.h). */
export const Magic = { bpffs: 0xcafe4a11, cgroup2: 0x63677270, nsfs: 0x6e736673, sysfs: 0x62656572 } as const;

/** The mounts that a process sees (default: this one). */
export function mounts(pid: number | "self" = "self"): Mount[] {
  return readFileSync(`/proc/${pid}/mountinfo`, "utf8").trimEnd().split("\n").map(parseMount);
}

/** Where the first cgroup2 hierarchy is mounted. */
export function cgroup2Path(): string | undefined {
  return mounts().find((mount) => mount.type === "cgroup2")?.path;
}

/** The type of the filesystem that a path is on, as a magic number; undefined when there is no such path. */
export function filesystemMagic(path: string): number | undefined {
  const buffer = new DataView(new ArrayBuffer(120)); // struct statfs, whose first field is the type
  const result = rawSyscall(syscallNumber("statfs"), cString(path), buffer);
  if (result === -Errno.ENOENT || result === -Errno.ENOTDIR) return undefined;
  if (result < 0) throw syscallError("statfs", result, path);
  return buffer.getUint32(0, true);
}

/**
 * Whether this process shares pid 1's mount namespace; undefined when that cannot be told. Under `ip netns exec` it does
 * not, and what is mounted there vanishes with the command. Compares mount ids, which no two mount namespaces share:
 * unlike /proc/1/ns/mnt, mountinfo is readable for everyone.
 */
export function inInitialMountNamespace(): boolean | undefined {
  try {
    const initial = new Set(mounts(1).map((mount) => mount.id));
    return mounts().some((mount) => initial.has(mount.id));
  } catch {
    return undefined;
  }
}

/** `id parent major:minor root path options [optional fields] - type source options`; blanks in paths are octal. */
function parseMount(line: string): Mount {
  const [before = "", after = ""] = line.split(" - ");
  const fields = before.split(" ");
  const path = (fields[4] ?? "").replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return { id: Number(fields[0]), path, type: after.split(" ")[0] ?? "" };
}
