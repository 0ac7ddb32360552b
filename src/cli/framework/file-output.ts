/**
 * Standard output where it is a file. Node.js' stream for files says what failed when the program may have ended, and says
 * nothing when a full disk took only the start of a write.
 */
import { fstatSync, writeSync } from "node:fs";
import { HopmarkError } from "../../errors.ts";
import type { Stream } from "./output.ts";

/** Writes all that it is given, or throws HopmarkError `output`. Undefined for terminals, pipes and sockets. */
export const fileOutput = (fd: number): Stream | undefined => {
  const status = fstatSync(fd);
  if (!status.isFile() && !(status.isCharacterDevice() && status.rdev >> 8 === MEMORY_DEVICES)) return undefined;
  return {
    write: (data) => {
      writeAll(fd, typeof data === "string" ? Buffer.from(data) : data);
      return true;
    },
  };
};

/** The major number of /dev/null and /dev/full. */
const MEMORY_DEVICES = 1;

const writeAll = (fd: number, bytes: Uint8Array): void => {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes.subarray(done));
  } catch (error) {
    throw new HopmarkError("output", `cannot write standard output: ${reasonOf(error)}`, {
      hint: "make room, or send it elsewhere",
      cause: error,
    });
  }
};

/** `ENOSPC: no space left on device, write` without what only programmers know. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/^[A-Z0-9]+: |, write$/g, "");
