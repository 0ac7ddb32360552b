import { readFileSync, writeFileSync } from "node:fs";
import { SyscallError } from "../errors.ts";
import type { Netns } from "./netns.ts";
import { withNetns } from "./with-netns.ts";

/**
 * Read a sysctl of a network namespace; `key` is the path below /proc/sys with slashes
 * (`net/ipv6/conf/eth0.10/ioam6_id`: interface names may have dots). The value comes without the newline.
 * `SyscallError` ENOENT when this kernel or namespace has no such key.
 */
export function readSysctl(netns: Netns, key: string): string {
  return attempt("read", key, () => withNetns(netns, () => readFileSync(`/proc/sys/${key}`, "utf8"))).trimEnd();
}

/** Write a sysctl of a network namespace. `SyscallError` EINVAL when the kernel refuses the value. */
export function writeSysctl(netns: Netns, key: string, value: string | number): void {
  attempt("write", key, () => withNetns(netns, () => writeFileSync(`/proc/sys/${key}`, String(value))));
}

function attempt<T>(call: string, key: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && "syscall" in cause) {
      throw new SyscallError(call, String(cause.code), `sysctl ${key}`, { cause });
    }
    throw cause;
  }
}
