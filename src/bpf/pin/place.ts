/** Where Hopmark's pins are: `/sys/fs/bpf/hopmark/netns-<inode>/<feature>/<device>-<ifindex>/`. */
import { PermissionError } from "../../errors.ts";
import { BPFFS } from "./bpffs.ts";

/** The directory of all of Hopmark's pins. */
export const PIN_ROOT = `${BPFFS}/hopmark`;

/** What a set of pins belongs to. */
export interface PinPlace {
  /** Inode of the network namespace that the device is in. */
  readonly netnsInode: number;
  /** Named after the command that deletes it, as in `ioam-encap`: lower case letters, digits and dashes. */
  readonly feature: string;
  readonly device: string;
  /** The device's number in its namespace. */
  readonly ifindex: number;
}

/** bpffs keeps dots for itself; a colon cannot be in the name of a device. */
const escape = (device: string): string => device.replaceAll(".", ":");
const unescape = (device: string): string => device.replaceAll(":", ".");

/** The directory of the pins of a feature on a device. */
export const pinDirectory = (place: PinPlace): string =>
  `${PIN_ROOT}/netns-${place.netnsInode}/${place.feature}/${escape(place.device)}-${place.ifindex}`;

/** The reverse of {@link pinDirectory}; undefined for directories that are not ours. */
export const placeOf = (directory: string): PinPlace | undefined => {
  const found = /\/netns-(\d+)\/([a-z0-9-]+)\/([^/]+)-(\d+)$/.exec(directory);
  if (found === null) return undefined;
  const [, inode = "", feature = "", device = "", ifindex = ""] = found;
  return { netnsInode: Number(inode), feature, device: unescape(device), ifindex: Number(ifindex) };
};

/** Runs what reads or changes the pins' directories. PermissionError where the file system does not let this user. */
export const withPinAccess = <T>(run: () => T): T => {
  try {
    return run();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    throw new PermissionError(
      "CAP_DAC_OVERRIDE",
      `${PIN_ROOT}, where Hopmark keeps its pins, is not open to this user`,
      {
        hint: `run it as root, to whom ${PIN_ROOT} belongs`,
        cause: error,
      },
    );
  }
};
