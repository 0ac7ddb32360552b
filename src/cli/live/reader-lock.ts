/** A ring has one reader: two would take each other's records and read what is being overwritten. */
import { holdDirectory } from "../../bpf/pin/hold.ts";
import { HopmarkError } from "../../errors.ts";

/**
 * Holds the ring that is pinned in a directory for this process, until `close` or its end. HopmarkError `busy` when another
 * process reads the ring.
 */
export const lockReader = (directory: string, device: string): { close(): void } => {
  const lock = holdDirectory(directory);
  if (lock !== undefined) return lock;
  throw new HopmarkError("busy", `another process reads the traces of ${device} already`, {
    hint: "end it first: a sink's ring has one reader",
  });
};
