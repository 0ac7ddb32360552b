/** Devices whose maps another version of Hopmark laid out: they do their work, and cannot be read or changed by this one. */
import { HopmarkError } from "../../errors.ts";
import type { Netns } from "../../linux/netns.ts";
import type { FoundDevice } from "./find.ts";
import { checkHalf } from "./halves.ts";
import { optionsText } from "./options.ts";
import { directionNames } from "./record.ts";

export const isOfAnotherVersion = (netns: Netns, { note, halves }: FoundDevice): boolean => {
  if (note === undefined) return false;
  try {
    for (const direction of directionNames) if (halves[direction] !== undefined) checkHalf(netns, note, direction);
    return false;
  } catch (error) {
    if (error instanceof HopmarkError && error.code === "layout-mismatch") return true;
    throw error;
  }
};

/** @throws HopmarkError `layout-mismatch`, before anything is changed */
export const refuseOtherVersion = (netns: Netns, device: FoundDevice): void => {
  if (!isOfAnotherVersion(netns, device)) return;
  throw new HopmarkError("layout-mismatch", `${device.name} was set up by another version of hopmark`, {
    hint: remedy(device),
  });
};

/** What makes the device anew, as it is. */
const remedy = ({ name, note }: FoundDevice): string => {
  if (note === undefined) return `hopmark link del ${name}`;
  const made = note.far === null ? "" : `${name} `;
  const words = `${made}type pval link ${note.lower.name} ${optionsText(note.options)}`;
  const ends = note.far === null ? " --in-place" : `; its addresses and routes go with it`;
  return `make it anew: hopmark link del ${name}, then hopmark link add ${words}${ends}`;
};
