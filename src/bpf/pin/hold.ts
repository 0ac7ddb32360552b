import { closeSync, openSync } from "node:fs";
import { SyscallError } from "../../errors.ts";
import { syscall } from "../../linux/ffi.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Holds a directory of pins for this process, until `close` or its end; undefined when another process holds it. The lock is on
 * the directory: it goes when that goes.
 */
export const holdDirectory = (directory: string): { close(): void } | undefined => {
  const fd = openSync(directory, "r");
  try {
    syscall("flock", directory, fd, LOCK_EX | LOCK_NB);
  } catch (error) {
    closeSync(fd);
    if (error instanceof SyscallError && error.errno === "EAGAIN") return undefined;
    throw error;
  }
  return { close: () => closeSync(fd) };
};
