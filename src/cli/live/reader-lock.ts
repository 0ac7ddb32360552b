/** A ring has one reader: two would take each other's records and read what is being overwritten. */
import { closeSync, openSync } from "node:fs";
import { HopmarkError, SyscallError } from "../../errors.ts";
import { syscall } from "../../linux/ffi.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Holds the ring that is pinned in a directory for this process, until `close` or its end. The lock is on the directory:
 * it goes when that goes. HopmarkError `busy` when another process reads the ring.
 */
export const lockReader = (directory: string, device: string): { close(): void } => {
  const fd = openSync(directory, "r");
  try {
    syscall("flock", `the ring of ${device}`, fd, LOCK_EX | LOCK_NB);
  } catch (error) {
    closeSync(fd);
    if (!(error instanceof SyscallError) || error.errno !== "EAGAIN") throw error;
    throw new HopmarkError("busy", `another process reads the traces of ${device} already`, {
      hint: "end it first: a sink's ring has one reader",
      cause: error,
    });
  }
  return { close: () => closeSync(fd) };
};
