/** Opens the rings of pval devices as captures. */
import { openCopies } from "../../../mark/pval/copies.ts";
import { ConfigError } from "../../../errors.ts";
import { linkTypeOf } from "../live/live-capture.ts";
import { RingCapture, type RingSource } from "./ring-capture.ts";

/** Copies that a pval device makes, as the source of a capture. */
export interface RingsSource {
  /** `pval0`: all of the device's rings; `pval0-rx`: those of a direction; `pval0-rx-cpu-0`: one. */
  readonly ring: string;
  /** Name, path or process id of the device's network namespace; the caller's when left out. */
  readonly netns?: string | undefined;
}

/** ConfigError when there are no rings of that name; HopmarkError `busy` when somebody else reads one of them. */
export const openRingCapture = (source: RingsSource, marks: boolean): RingCapture =>
  openRingsTogether([source], marks).capture;

/** Rings of several devices of this host as one capture, merged by time. `rings`: how many each of them has. */
export const openRingsTogether = (
  sources: readonly RingsSource[],
  marks: boolean,
): { readonly capture: RingCapture; readonly rings: readonly number[] } => {
  const opened: ReturnType<typeof openCopies>[] = [];
  try {
    for (const { ring, netns } of sources) opened.push(openCopies(ring, netns));
    const rings = opened.flatMap((copies) => {
      const linkType = linkTypeOf(copies.hardwareType);
      if (linkType !== undefined) return copies.rings.map((ring) => ({ ring, linkType, snapLength: copies.snap }));
      throw new ConfigError(
        `${copies.device} is of a kind (ARPHRD ${copies.hardwareType}) whose packets nothing here knows`,
      );
    });
    const source: RingSource = {
      rings,
      refresh: () => opened.every((copies) => copies.refresh()),
      stop: () => {
        for (const copies of opened) copies.stop();
      },
      close: () => {
        for (const copies of opened) copies.close();
      },
    };
    const name = sources.map(({ ring }) => ring).join(", ");
    return { capture: new RingCapture(source, name, marks), rings: opened.map((copies) => copies.rings.length) };
  } catch (error) {
    for (const copies of opened) copies.close();
    throw error;
  }
};
