/** What a pval device does with its packets. */
import { DEFAULT_SNAP } from "./record.ts";

/** The switches, in the order in which they are shown. */
export const switchNames = ["ipopt", "txtstamp", "rxtstamp", "txcopy", "rxcopy"] as const;
export type SwitchName = (typeof switchNames)[number];

export interface PvalOptions extends Readonly<Record<SwitchName, boolean>> {
  /** Marks of received packets come off, once they are counted. */
  readonly strip: boolean;
  /** Bytes of a packet that are copied. */
  readonly snap: number;
}

export const defaultOptions: PvalOptions = {
  ipopt: false,
  txtstamp: false,
  rxtstamp: false,
  txcopy: false,
  rxcopy: false,
  strip: false,
  snap: DEFAULT_SNAP,
};

/** `ipopt on txtstamp off … rxcopy off`, and what is not the default of the rest. */
export const optionsText = (options: PvalOptions): string =>
  [
    ...switchNames.map((name) => `${name} ${options[name] ? "on" : "off"}`),
    ...(options.strip ? ["strip on"] : []),
    ...(options.snap === DEFAULT_SNAP ? [] : [`snap ${options.snap}`]),
  ].join(" ");
