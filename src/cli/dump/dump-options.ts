import { ConfigError } from "../../errors.ts";
import type { LineOptions } from "../../follow/capture/packet-lines.ts";
import type { FouPorts } from "../../wire/packet/protocol.ts";
import type { TimeStyle } from "../../follow/capture/time-text.ts";

/** The command line, read. */
export interface DumpOptions {
  readonly read: string | undefined;
  readonly interface: string | undefined;
  readonly ring: string | undefined;
  readonly netns: string | undefined;
  /** Whether it was forbidden. */
  readonly promiscuous: boolean;
  /** KiB. */
  readonly buffer: number | undefined;
  readonly write: string | undefined;
  /** The filter's words. */
  readonly rest: readonly string[];
  readonly count: number | undefined;
  readonly link: boolean;
  readonly verbose: number;
  readonly quick: number;
  readonly time: number;
  readonly nano: boolean;
  readonly absolute: boolean;
  readonly number: boolean;
  readonly hex: number;
  readonly characters: number;
  readonly ascii: number;
  readonly snapLength: number | undefined;
  readonly direction: "in" | "out" | "inout" | undefined;
  readonly fields: string | undefined;
  readonly one: boolean;
  readonly fou: FouPorts | undefined;
}

/** What lines show. ConfigError for what is no flag of tcpdump's. */
export const lineOptions = (options: DumpOptions): LineOptions => {
  const { fou, link, verbose, nano, absolute, number, hex, characters, ascii } = options;
  if (options.time > 5) throw new ConfigError("dump: -t is given more than five times", { hint: "five is the most" });
  const dumps = Math.max(hex, characters, ascii);
  const bytes = ascii > 0 ? "characters" : characters > 0 ? "hex and characters" : hex > 0 ? "hex" : undefined;
  return {
    time: options.time as TimeStyle,
    fou,
    link,
    verbose,
    nano,
    absolute,
    number,
    quick: options.quick > 0,
    ...(bytes === undefined ? {} : { bytes, linkBytes: dumps > 1 }),
  };
};
