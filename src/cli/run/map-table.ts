/** A map as a table: a column for each field of key and value. */
import { Variable, type MapDescriptor } from "../../kernel/maps.ts";
import type { Style } from "../framework/style.ts";
import { columns } from "../picture/columns.ts";
import { count } from "../picture/quantity.ts";
import type { Leaf } from "./leaves.ts";
import type { MapWatch, WatchedEntry } from "./map-watch.ts";

/**
 * The title, the columns' names and at most `rows` entries, those with the highest first counter first. A variable is one
 * line. `growing`: the leaves beside which stands how fast they grow.
 */
export const mapTable = (
  { name, descriptor, last }: MapWatch,
  growing: ReadonlySet<string>,
  rows: number,
  style: Style,
): string[] => {
  const [first] = last.entries;
  if (descriptor instanceof Variable && first !== undefined) return [variableLine(name, first, growing, style)];
  const title = `${style("bold", name)}  ${style("dim", sizeText(descriptor, last.entries.length, last.more))}`;
  if (first === undefined) return [title];
  const shown = sorted(descriptor, last.entries).slice(0, rows);
  const left = last.entries.length - shown.length;
  return [
    title,
    ...entryTable(shown, growing, style).map((line) => `  ${line}`),
    ...(left > 0 ? [style("dim", `  and ${count(left)} more`)] : []),
  ];
};

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

const entryTable = (entries: readonly WatchedEntry[], growing: ReadonlySet<string>, style: Style): string[] => {
  const [first] = entries;
  const titles = (first?.keyLeaves ?? []).map(({ name }) => name);
  const numbers = (first?.keyLeaves ?? []).flatMap(({ number }, at) => (number === null ? [] : [at]));
  for (const { name, number } of first?.valueLeaves ?? []) {
    if (number !== null) numbers.push(titles.length);
    titles.push(name);
    if (growing.has(name)) numbers.push(titles.push("/s") - 1);
  }
  const rows = entries.map(({ keyLeaves, valueLeaves, rates }) => [
    ...keyLeaves.map(({ text }) => style("bold", text)),
    ...valueLeaves.flatMap((leaf) => [
      cellText(leaf),
      ...(growing.has(leaf.name) ? [style("cyan", rateText(rates[leaf.name] ?? 0))] : []),
    ]),
  ]);
  return columns([titles.map((title) => style("dim", title)), ...rows], numbers);
};

const cellText = ({ number, text }: Leaf): string => number?.toLocaleString("en-US") ?? text;

const rateText = (rate: number): string => rate.toLocaleString("en-US", { maximumFractionDigits: rate < 10 ? 1 : 0 });
