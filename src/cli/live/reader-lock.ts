/** A ring has one reader: two would take each other's records and read what is being overwritten. */
import { holdDirectory } from "../../bpf/pin/hold.ts";
import { pinDirectory } from "../../bpf/pin/place.ts";
import { HopmarkError } from "../../errors.ts";
import { currentNetns, openNetns } from "../../linux/netns.ts";

/** What a ring hands out. */
export type RingContents = "traces" | "reports";

/**
 * Holds the ring that is pinned in a directory for this process, until `close` or its end. HopmarkError `busy` when another
 * process reads the ring.
 */
export const lockReader = (directory: string, device: string, what: RingContents = "traces"): { close(): void } => {
  const lock = holdDirectory(directory);
  if (lock !== undefined) return lock;
  throw new HopmarkError("busy", `another process reads the ${what} of ${device} already`, {
    hint: `end it first: ${what === "traces" ? "a sink's ring" : "a ring of reports"} has one reader`,
  });
};

/** The same for the ring of a feature on a device, in a namespace by NAME, PATH or PID. */
export const lockFeature = (
  feature: "ioam-sink" | "ioam-export",
  device: { readonly name: string; readonly index: number },
  netns: string | undefined,
): { close(): void } => {
  const place = { netnsInode: inodeOf(netns), feature, device: device.name, ifindex: device.index };
  return lockReader(pinDirectory(place), device.name, feature === "ioam-sink" ? "traces" : "reports");
};

const inodeOf = (reference: string | undefined): number => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  netns.close();
  return netns.inode;
};
