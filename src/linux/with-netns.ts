import { HopmarkError, PermissionError } from "../errors.ts";
import { missingCapabilities, remedy } from "./capabilities.ts";
import { confinement } from "./confinement.ts";
import { Errno, rawSyscall, syscall, syscallError } from "./ffi.ts";
import { currentNetns } from "./netns.ts";
import { syscallNumber } from "./syscall-numbers.ts";
import type { Netns } from "./netns.ts";

const CLONE_NEWNET = 0x40000000;

/**
 * Run a synchronous function with the calling thread inside a network namespace, and come back whatever happens.
 *
 * Synchronous because a namespace belongs to a thread: `fs.promises`, `fetch`, timers and everything else that leaves
 * this call runs on other threads or later, in the namespace of the process, that is on the host. The type refuses a function that
 * returns a promise; one that hides it is refused at run time. Sockets, and child processes started inside, stay in the namespace.
 *
 *     const mtu = withNetns(athos, () => readFileSync("/proc/sys/net/ipv6/conf/all/mtu", "utf8"));
 */
export function withNetns<T>(netns: Netns, run: (() => T) & Synchronous<T>): T {
  const before = currentNetns();
  try {
    enter(netns);
    try {
      return refusePromise(run());
    } finally {
      syscall("setns", "the namespace before", before.fd, CLONE_NEWNET);
    }
  } finally {
    before.close();
  }
}

const enter = ({ fd, label }: Netns): void => {
  const result = rawSyscall(syscallNumber("setns"), fd, CLONE_NEWNET);
  if (result >= 0) return;
  if (result !== -Errno.EPERM) throw syscallError("setns", result, label);
  const missing = missingCapabilities(["CAP_SYS_ADMIN"]);
  const confined = missing.length === 0 ? confinement() : undefined;
  const why = missing.length > 0 ? ": CAP_SYS_ADMIN is missing" : confined === undefined ? "" : `: ${confined.what}`;
  throw new PermissionError("CAP_SYS_ADMIN", `entering network namespace ${label} is not permitted${why}`, {
    hint: missing.length > 0 ? remedy(missing) : (confined?.remedy ?? "a security module may forbid it (dmesg)"),
  });
};

/** `unknown`, which changes nothing in the intersection, unless T is a promise: then a type that no function has. */
type Synchronous<T> = [T] extends [never]
  ? unknown
  : unknown extends T
    ? unknown
    : [T] extends [PromiseLike<unknown>]
      ? "a namespace belongs to a thread: run synchronous code only"
      : unknown;

function refusePromise<T>(result: T): T {
  if (typeof result === "object" && result !== null && "then" in result) {
    throw new HopmarkError("not-synchronous", "withNetns was given a function that returns a promise", {
      hint: "its asynchronous part ran outside the namespace: use the synchronous calls",
    });
  }
  return result;
}
