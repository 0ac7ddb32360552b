/** Values over time as a picture of a few rows, with its scale. */
import type { Style, StyleName } from "../framework/style.ts";

const BARS = [..." ▁▂▃▄▅▆▇█"];
const LEVELS = BARS.length - 1;

export interface Plot {
  readonly name: string;
  /** Oldest first; null: there is none. */
  readonly values: readonly (number | null)[];
  readonly rows: number;
  readonly colour: StyleName;
  /** A value as it stands at the scale. */
  readonly label: (value: number) => string;
}

/** What stands in front of a plot. */
const NAME = 7;
const LABEL = 8;
/** Columns that a plot takes beside its values. */
export const PLOT_MARGIN = NAME + LABEL + 2;

/** The newest `width` values, the last of them at the right. What is there is never without a bar; a dot is a zero. */
export const plot = ({ name, values, rows, colour, label }: Plot, width: number, style: Style): string[] => {
  const shown = values.slice(-width);
  const largest = Math.max(0, ...shown.map((value) => value ?? 0));
  const left = " ".repeat(width - shown.length);
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * LEVELS;
    const bars = shown.map((value) => {
      if (value === null) return " ";
      const level = value <= 0 ? 0 : Math.max(1, Math.ceil((value / largest) * rows * LEVELS));
      if (level === 0 && row === rows - 1) return "·";
      return BARS[Math.min(LEVELS, Math.max(0, level - below))]!;
    });
    const scale = row === 0 ? label(largest) : row === rows - 1 ? label(0) : "";
    return `${(row === 0 ? name : "").padEnd(NAME)}${style("dim", `${scale.padStart(LABEL)} ┤`)}${left}${style(colour, bars.join(""))}`;
  });
};

/** The line beneath plots: from so long ago until now. */
export const timeAxis = (ago: string, width: number, style: Style): string[] => {
  const margin = " ".repeat(NAME + LABEL);
  return [
    style("dim", `${margin} └${"─".repeat(width)}`),
    style("dim", `${margin}  ${ago.padEnd(Math.max(ago.length + 1, width - 3))}now`),
  ];
};
