/** Opens the rings of pval devices as captures. */
import { openCopies } from "../../../mark/pval/copies.ts";
import { ConfigError } from "../../../errors.ts";
import { linkTypeOf } from "../live/live-capture.ts";
import { RingCapture } from "./ring-capture.ts";

/** Copies that a pval device makes, as the source of a capture. */
export interface RingsSource {
  /** `pval0`: all of the device's rings; `pval0-rx`: those of a direction; `pval0-rx-cpu-0`: one. */
  readonly ring: string;
  /** Name, path or process id of the device's network namespace; the caller's when left out. */
  readonly netns?: string | undefined;
}

/** ConfigError when there are no rings of that name; HopmarkError `busy` when somebody else reads one of them. */
export const openRingCapture = ({ ring, netns }: RingsSource, marks: boolean): RingCapture => {
  const copies = openCopies(ring, netns);
  const linkType = linkTypeOf(copies.hardwareType);
  if (linkType !== undefined) return new RingCapture(copies, { name: ring, linkType, snapLength: copies.snap, marks });
  copies.close();
  throw new ConfigError(
    `${copies.device} is of a kind (ARPHRD ${copies.hardwareType}) whose packets nothing here knows`,
  );
};
