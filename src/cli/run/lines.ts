/** What happens, a line each: an object for `--json`, text for people who read no picture. */
import type { Style } from "../framework/style.ts";
import type { Leaf } from "./leaves.ts";
import type { MapLook, WatchedEntry } from "./map-watch.ts";
import type { DecodedRecord } from "./record-decoder.ts";

export interface Line {
  readonly value: object;
  readonly text: string;
}

/** A record that came out of a ring. */
export const recordLine = (ring: string, { layout, value, text }: DecodedRecord, style: Style): Line => ({
  value: { type: "record", ring, layout, value },
  text: `${style("bold", ring)}  ${layout === null ? "" : `${style("dim", layout)}  `}${text}`,
});

/** An entry that is new, or not what it was at the look before. */
export const entryLine = (
  map: string,
  { key, value, keyLeaves, valueLeaves, rates, cpu }: WatchedEntry,
  style: Style,
): Line => {
  const values = valueLeaves.map(({ name, text }) => {
    const rate = rates[name];
    return `${name} ${text}${rate === undefined ? "" : style("cyan", ` (+${rate}/s)`)}`;
  });
  return {
    value: { type: "entry", map, key, ...(cpu !== undefined && { cpu }), value, rates },
    text: [style("bold", map), ...leafTexts(keyLeaves), ...values].join("  "),
  };
};

/** An entry that is there no more. */
export const removedLine = (map: string, { key, keyLeaves, cpu }: MapLook["removed"][number], style: Style): Line => ({
  value: { type: "removed", map, key, ...(cpu !== undefined && { cpu }) },
  text: [style("bold", map), ...leafTexts(keyLeaves), style("dim", "removed")].join("  "),
});

const leafTexts = (leaves: readonly Leaf[]): string[] => leaves.map(({ name, text }) => `${name} ${text}`);
