/** What the commands of `link` share. */
import { integer } from "./framework/values.ts";
import type { WordSpec } from "./framework/command.ts";

const readOnOff = (text: string): boolean => {
  if (text === "on") return true;
  if (text === "off") return false;
  throw new Error(`"${text}" is neither on nor off`);
};

/** The word after `type`. */
export const readKind = (text: string): "pval" => {
  if (text === "pval") return text;
  throw new Error(`hopmark makes devices of type pval, not ${text}: ip link makes others`);
};

const onOff = (description: string) =>
  ({
    value: "on|off",
    description,
    optional: true,
    complete: ["on", "off"],
    read: readOnOff,
  }) as const satisfies WordSpec;

const LEAST_SNAP = 64;
const MOST_SNAP = 16_384;

/** Options of a pval device. */
export const pvalWords = {
  ipopt: onOff("mark IPv4 packets that leave"),
  txtstamp: onOff("take the time of a sent packet when the driver gets it"),
  rxtstamp: onOff("take the time of a received packet from the NIC, else from the kernel"),
  txcopy: onOff("copy packets that leave, while somebody reads"),
  rxcopy: onOff("copy packets that come in, while somebody reads"),
  strip: onOff("take marks off that packets come with"),
  snap: {
    value: "BYTES",
    description: "how much of a packet is copied; 256 without it",
    optional: true,
    read: integer(LEAST_SNAP, MOST_SNAP),
  },
} as const satisfies Readonly<Record<string, WordSpec>>;

interface Given {
  readonly ipopt: boolean | undefined;
  readonly txtstamp: boolean | undefined;
  readonly rxtstamp: boolean | undefined;
  readonly txcopy: boolean | undefined;
  readonly rxcopy: boolean | undefined;
  readonly strip: boolean | undefined;
  readonly snap: number | undefined;
}

/** Those that were named; `--strip` stands for `strip on`. */
export const givenOptions = (
  { ipopt, txtstamp, rxtstamp, txcopy, rxcopy, strip, snap }: Given,
  stripFlag: boolean,
) => ({
  ...(ipopt !== undefined && { ipopt }),
  ...(txtstamp !== undefined && { txtstamp }),
  ...(rxtstamp !== undefined && { rxtstamp }),
  ...(txcopy !== undefined && { txcopy }),
  ...(rxcopy !== undefined && { rxcopy }),
  ...((strip !== undefined || stripFlag) && { strip: strip ?? stripFlag }),
  ...(snap !== undefined && { snap }),
});

const INDENT = " ".repeat(17);

/** What `link add type pval help` prints. */
export const usageText = [
  "Usage: ... pval link PHYS_DEV",
  ...["ipopt", "txtstamp", "rxtstamp", "txcopy", "rxcopy"].map((name) => `${INDENT}[ ${name} { on | off } ]`),
].join("\n");
