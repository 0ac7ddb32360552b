/** The live picture of a program that runs: its maps as tables, and the newest records of its rings. */
import type { ScreenSize } from "../picture/screen.ts";
import { shorten } from "../picture/clip.ts";
import { count } from "../picture/quantity.ts";
import type { Style } from "../framework/style.ts";
import { mapTable } from "./map-table.ts";
import type { MapWatch } from "./map-watch.ts";
import type { RingWatch } from "./ring-watch.ts";

export interface RunState {
  /** `count_sources (xdp) on lo`. */
  readonly title: string;
  readonly note: string;
  readonly elapsedMs: number;
  readonly maps: readonly MapWatch[];
  readonly rings: readonly RingWatch[];
}

/** Lines of a part beside its rows: a blank one, title, columns' names, how many more. */
const LINES_AROUND = 4;
const LEAST_ROWS = 3;
const INDENT = 2;

/** At most `height` lines of at most `width` columns. Maps and rings share the room. */
export const renderRun = (state: RunState, { width, height }: ScreenSize, style: Style): string[] => {
  const { title, note, elapsedMs, maps, rings } = state;
  const lines = [`${style("bold", title)}  ${(elapsedMs / 1000).toFixed(1)} s`, style("dim", note)];
  let left = maps.length + rings.length;
  const rows = (): number =>
    Math.max(LEAST_ROWS, Math.floor((height - lines.length) / Math.max(1, left--)) - LINES_AROUND);
  let wasLine = false;
  for (const map of maps) {
    const table = mapTable(map, { growing: map.growing, rows: rows(), width: width - INDENT }, style);
    lines.push(...(wasLine && table.length === 1 ? table : ["", ...table]));
    wasLine = table.length === 1;
  }
  for (const ring of rings) lines.push("", ...ringLines(ring, rows() + 1, style));
  return lines.slice(0, height).map((line) => shorten(`${" ".repeat(INDENT)}${line}`, width));
};

const ringLines = (ring: RingWatch, rows: number, style: Style): string[] => [
  `${style("bold", ring.name)}  ${style("dim", `ringbuf, ${ringText(ring)}`)}`,
  ...ring
    .newest(rows)
    .map(({ layout, text }) => (layout === null ? `  ${text}` : `  ${style("dim", layout)}  ${text}`)),
];

/** `12 records`, `12 records, 3 discarded`; and whether there were more than fit. */
export const ringText = ({
  reader: { records, discarded },
  wasFull,
}: {
  readonly reader: Pick<RingWatch["reader"], "records" | "discarded">;
  readonly wasFull: boolean;
}): string =>
  [
    `${count(records)} record${records === 1 ? "" : "s"}`,
    ...(discarded === 0 ? [] : [`${count(discarded)} discarded`]),
    ...(wasFull ? ["it was full: others may not have fitted"] : []),
  ].join(", ");
