import { closeSync, mkdirSync, openSync } from "node:fs";
import { syscall } from "../../linux/ffi.ts";
import { ensureBpffs } from "./bpffs.ts";
import { PIN_ROOT, withPinAccess } from "./place.ts";

const LOCK_EX = 2;

/**
 * Runs with Hopmark's pins to ourselves: other processes wait. Whoever dies lets go. Nothing waits within, so nobody waits
 * long. Makes the root directory.
 */
export const withPinLock = <T>(run: () => T): T => {
  ensureBpffs();
  const fd = withPinAccess(() => {
    mkdirSync(PIN_ROOT, { recursive: true, mode: 0o700 });
    return openSync(PIN_ROOT, "r");
  });
  try {
    syscall("flock", PIN_ROOT, fd, LOCK_EX);
    return run();
  } finally {
    closeSync(fd);
  }
};
