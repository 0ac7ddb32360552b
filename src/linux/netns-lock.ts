import { syscall } from "./ffi.ts";
import type { Netns } from "./netns.ts";

const LOCK_EX = 2;
const LOCK_UN = 8;

/** Runs while no other process runs with the same namespace's lock. Whoever dies lets go. Not to be nested. */
export const withNetnsLock = <R>(netns: Netns, run: () => R): R => {
  syscall("flock", netns.label, netns.fd, LOCK_EX);
  try {
    return run();
  } finally {
    syscall("flock", netns.label, netns.fd, LOCK_UN);
  }
};
