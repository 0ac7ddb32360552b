/** A map as a table: a column for each field of key and value. */
import { Variable, type MapDescriptor } from "../../kernel/maps.ts";
import type { Style } from "../framework/style.ts";
import { lyingBar } from "../picture/bars.ts";
import { visibleWidth } from "../picture/clip.ts";
import { fittedColumns, type FittedColumn } from "../picture/fitted-columns.ts";
import { count } from "../picture/quantity.ts";
import type { Leaf } from "./leaves.ts";
import type { MapWatch, WatchedEntry } from "./map-watch.ts";

export interface MapTableOptions {
  /** The leaves beside which stands how fast they grow. */
  readonly growing: ReadonlySet<string>;
  /** Entries at most. */
  readonly rows: number;
  /** Columns of the terminal; Infinity where there is none. */
  readonly width: number;
}

/**
 * The title, the columns' names and at most so many entries, those with the highest first counter first. A variable is one line.
 * What does not fit into the width is left out, and the title says so.
 */
export const mapTable = (watch: MapWatch, { growing, rows, width }: MapTableOptions, style: Style): string[] => {
  const { name, descriptor, last } = watch;
  const [first] = last.entries;
  if (descriptor instanceof Variable && first !== undefined) return [variableLine(name, first, growing, style)];
  const found = last.total ?? last.entries.length;
  const title = `${style("bold", name)}  ${style("dim", sizeText(descriptor, found, last.more && last.total === undefined))}`;
  if (first === undefined) return [title];
  const shown = sorted(descriptor, last.entries).slice(0, rows);
  const columns = entryColumns(shown, growing);
  const bars = barsOf(descriptor, shown, watch.growing);
  const { lines, leftOut } = fittedColumns(columns, width - INDENT, style);
  const left = found - shown.length;
  return [
    `${title}${leftOut.length === 0 ? "" : style("dim", `, without ${leftOut.join(", ")}`)}`,
    ...withBars(lines, bars, width - INDENT, style).map((line) => " ".repeat(INDENT) + line),
    ...(left > 0 ? [style("dim", `  and ${count(left)} more`)] : []),
  ];
};

const INDENT = 2;

const variableLine = (
  name: string,
  { valueLeaves, rates }: WatchedEntry,
  growing: ReadonlySet<string>,
  style: Style,
): string => {
  const cells = valueLeaves.flatMap((leaf) => [
    cellText(leaf),
    ...(growing.has(leaf.name) ? [style("cyan", `${rateText(rates[leaf.name] ?? 0)}/s`)] : []),
  ]);
  return [style("bold", name), ...cells].join("  ");
};

const sizeText = (descriptor: MapDescriptor, found: number, more: boolean): string => {
  const { type, entries } = descriptor;
  const read = more ? `the first ${count(found)}` : count(found);
  const not0 = isArray(descriptor) ? ` ${found === 1 ? "is" : "are"} not 0` : "";
  return `${type}, ${read} of ${count(entries)} ${entries === 1 ? "entry" : "entries"}${not0}`;
};

const isArray = ({ type }: MapDescriptor): boolean => type === "array" || type === "percpu_array";

const sorted = (descriptor: MapDescriptor, entries: readonly WatchedEntry[]): readonly WatchedEntry[] => {
  if (isArray(descriptor)) return entries;
  const size = ({ valueLeaves }: WatchedEntry): bigint =>
    BigInt(valueLeaves.find(({ number }) => number !== null)?.number ?? 0);
  return entries.toSorted((one, other) => (size(one) < size(other) ? 1 : size(one) > size(other) ? -1 : 0));
};

/** What can be left out, by how little it says: the first counter stays, its rate goes last, what does not grow goes first. */
const SPARE = { rate: 1, counter: 2, otherRate: 3, other: 4 };

const entryColumns = (entries: readonly WatchedEntry[], growing: ReadonlySet<string>): FittedColumn[] => {
  const [first] = entries;
  if (first === undefined) return [];
  const keys = first.keyLeaves.map(({ name, number }, at): FittedColumn => {
    const cells = entries.map(({ keyLeaves }) => keyLeaves[at]?.text ?? "");
    return { title: name, cells, isNumber: number !== null, spare: 0, paint: "bold" };
  });
  const main = Math.max(
    0,
    first.valueLeaves.findIndex(({ number }) => number !== null),
  );
  const values = first.valueLeaves.flatMap(({ name, number }, at): FittedColumn[] => {
    const cells = entries.map(({ valueLeaves }) => textAt(valueLeaves, at));
    const isMain = at === main;
    const spare = isMain ? 0 : growing.has(name) ? SPARE.counter : SPARE.other;
    const value: FittedColumn = { title: name, cells, isNumber: number !== null, spare };
    if (!growing.has(name)) return [value];
    const rates = entries.map((entry) => rateText(entry.rates[name] ?? 0));
    const rate = isMain ? SPARE.rate : SPARE.otherRate;
    return [value, { title: "/s", cells: rates, isNumber: true, spare: rate, paint: "cyan" }];
  });
  return [...keys, ...values];
};

const textAt = (leaves: readonly Leaf[], at: number): string => {
  const leaf = leaves[at];
  return leaf === undefined ? "" : cellText(leaf);
};

/** Of an array of counts, how each compares with the largest: it is a histogram. Empty for anything else. */
const barsOf = (
  descriptor: MapDescriptor,
  entries: readonly WatchedEntry[],
  growing: ReadonlySet<string>,
): readonly number[] => {
  const [leaf, ...others] = entries[0]?.valueLeaves ?? [];
  if (!isArray(descriptor) || entries.length < 2 || leaf === undefined || others.length > 0) return [];
  return growing.has(leaf.name) ? entries.map(({ valueLeaves }) => Number(valueLeaves[0]?.number ?? 0)) : [];
};

const LONGEST_BAR = 30;
const SHORTEST_BAR = 5;

/** Beside the rows, where there is room. */
const withBars = (
  lines: readonly string[],
  bars: readonly number[],
  width: number,
  style: Style,
): readonly string[] => {
  const room = Math.min(LONGEST_BAR, width - 2 - Math.max(...lines.map(visibleWidth)));
  if (bars.length === 0 || room < SHORTEST_BAR) return lines;
  const largest = Math.max(...bars);
  const [titles = "", ...rows] = lines;
  return [titles, ...rows.map((row, at) => `${row}  ${style("cyan", lyingBar(bars[at] ?? 0, largest, room))}`)];
};

const cellText = ({ number, text }: Leaf): string => number?.toLocaleString("en-US") ?? text;

const rateText = (rate: number): string => rate.toLocaleString("en-US", { maximumFractionDigits: rate < 10 ? 1 : 0 });
