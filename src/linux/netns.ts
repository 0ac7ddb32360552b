import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { HopmarkError } from "../errors.ts";
import { cString, Errno, rawSyscall, syscall, syscallError } from "./ffi.ts";
import { syscallNumber } from "./syscall-numbers.ts";

/** Where `ip netns` keeps its names; a name made here is seen by `ip netns exec`, and the other way round. */
export const NETNS_DIRECTORY = "/run/netns";

const CLONE_NEWNET = 0x40000000;
const NS_GET_NSTYPE = 0xb703;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 1 << 20;
const MNT_DETACH = 2;
/** Not /proc/self: that is the process's first thread, and a namespace belongs to a thread. */
const OWN_NETNS = "/proc/thread-self/ns/net";

/** An open network namespace. It lives at least as long as this is open, whatever happens to its name. */
export interface Netns {
  readonly fd: number;
  /** Identifies the namespace while it lives; the number may be given again to a later one. */
  readonly inode: number;
  /** What it was opened as, for messages. */
  readonly label: string;
  /** Twice is fine. */
  close(): void;
}

/**
 * Open a namespace by NAME (in /run/netns), PATH (has a slash) or PID. Digits that are also a name are the name.
 * `HopmarkError` code "no-netns" when there is none, "not-a-netns" when the path is something else.
 */
export function openNetns(reference: string | number): Netns {
  const label = String(reference);
  const path = netnsPath(label);
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw new HopmarkError("no-netns", `network namespace ${label}: cannot open ${path}`, {
      hint: "name one that `ip netns` or `hopmark lab list` shows, or give a path or a pid",
      cause,
    });
  }
  if (rawSyscall(syscallNumber("ioctl"), fd, NS_GET_NSTYPE) !== CLONE_NEWNET) {
    closeSync(fd);
    throw new HopmarkError("not-a-netns", `${path} is not a network namespace`);
  }
  return handle(fd, label);
}

/** The calling thread's namespace at this moment. */
export function currentNetns(): Netns {
  return handle(openSync(OWN_NETNS, "r"), "current");
}

/**
 * Make a namespace and give it a name, as `ip netns add` does. The loopback in it is down.
 * `HopmarkError` code "exists" when the name is taken.
 */
export function createNetns(name: string): Netns {
  checkName(name);
  const netns = createUnnamedNetns();
  try {
    nameNetns(netns, name);
    return { ...netns, label: name };
  } catch (error) {
    netns.close();
    throw error;
  }
}

/** Make a namespace without a name: it goes with its last descriptor, interface or process, at the latest when we are killed. */
export function createUnnamedNetns(): Netns {
  const before = currentNetns();
  try {
    syscall("unshare", "network namespace", CLONE_NEWNET);
    try {
      return handle(openSync(OWN_NETNS, "r"), "unnamed");
    } finally {
      syscall("setns", "the namespace before", before.fd, CLONE_NEWNET);
    }
  } finally {
    before.close();
  }
}

/** Bind a namespace to /run/netns/NAME, so that it stays. `HopmarkError` code "exists" when the name is taken. */
export function nameNetns(netns: Netns, name: string): void {
  checkName(name);
  const path = `${NETNS_DIRECTORY}/${name}`;
  prepareDirectory();
  try {
    writeFileSync(path, "", { flag: "wx", mode: 0o444 });
  } catch (cause) {
    if (!existsSync(path)) throw cause;
    throw new HopmarkError("exists", `network namespace ${name} already exists`, { cause });
  }
  try {
    const source = `/proc/thread-self/fd/${netns.fd}`;
    syscall("mount", path, cString(source), cString(path), cString("none"), MS_BIND, null);
  } catch (cause) {
    unlinkSync(path);
    throw cause;
  }
}

/**
 * Take a name away; the namespace itself goes when nothing is left in it and nobody has it open. False when there was
 * no such name.
 */
export function deleteNetns(name: string): boolean {
  checkName(name);
  const path = `${NETNS_DIRECTORY}/${name}`;
  if (!existsSync(path)) return false;
  // EINVAL: an empty file left by a create that died half-way
  const result = rawSyscall(syscallNumber("umount2"), cString(path), MNT_DETACH);
  if (result < 0 && result !== -Errno.EINVAL) throw syscallError("umount2", result, path);
  unlinkSync(path);
  return true;
}

/** Names in /run/netns, sorted. */
export function listNetns(): string[] {
  return existsSync(NETNS_DIRECTORY) ? readdirSync(NETNS_DIRECTORY).toSorted() : [];
}

/** The inode of a named namespace, or undefined when the name is not there or names no namespace. */
export function netnsInode(name: string): number | undefined {
  try {
    const named = openNetns(`${NETNS_DIRECTORY}/${name}`);
    named.close();
    return named.inode;
  } catch {
    return undefined;
  }
}

/** The file of the namespace that NAME, PATH or PID stands for. */
export function netnsPath(reference: string): string {
  if (reference.includes("/")) return reference;
  const named = `${NETNS_DIRECTORY}/${reference}`;
  return /^\d+$/.test(reference) && !existsSync(named) ? `/proc/${reference}/ns/net` : named;
}

function handle(fd: number, label: string): Netns {
  let open = true;
  return {
    fd,
    inode: fstatSync(fd).ino,
    label,
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/.test(name)) return;
  throw new HopmarkError("config", `"${name}" is not a name for a network namespace`, {
    hint: "use letters, digits, dot, dash and underscore",
  });
}

/** /run/netns must be a shared mount of its own, so that a deletion reaches every mount namespace that has a copy. */
function prepareDirectory(): void {
  mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 });
  const path = cString(NETNS_DIRECTORY);
  const none = cString("none");
  const share = () => rawSyscall(syscallNumber("mount"), none, path, none, MS_SHARED | MS_REC, null);
  // EINVAL: not a mount point yet
  if (share() !== -Errno.EINVAL) return;
  syscall("mount", NETNS_DIRECTORY, path, path, none, MS_BIND | MS_REC, null);
  share();
}
