/** Waiting for a descriptor with nothing else going on: the thread sleeps in the kernel. Source: ppoll(2). */
import { Errno, rawSyscall, syscallError } from "./ffi.ts";
import { syscallNumber } from "./syscall-numbers.ts";

const POLLIN = 0x001;
const NS_PER_MS = 1e6;

/**
 * Blocks the calling thread, its event loop too, until the descriptor is readable or so much time has passed; true if it is. Nothing
 * in JavaScript wakes up sooner. A signal ends it early.
 */
export const waitReadable = (fd: number, timeoutMs: number, object: string): boolean => {
  // struct pollfd { int fd; short events; short revents }, and struct timespec
  const poll = Int32Array.of(fd, POLLIN);
  const seconds = Math.floor(timeoutMs / 1000);
  const timeout = BigInt64Array.of(BigInt(seconds), BigInt(Math.round((timeoutMs - seconds * 1000) * NS_PER_MS)));
  const result = rawSyscall(syscallNumber("ppoll"), poll, 1, timeout, null, 0);
  if (result < 0 && result !== -Errno.EINTR) throw syscallError("ppoll", result, object);
  return result > 0;
};
