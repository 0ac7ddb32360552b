/** A table that fits: titles are shortened first, then the columns that say least are left out, then what is widest is cut. */
import type { Style, StyleName } from "../framework/style.ts";
import { padVisible, shorten, visibleWidth } from "./clip.ts";

export interface FittedColumn {
  readonly title: string;
  /** A row each, without colours. */
  readonly cells: readonly string[];
  /** Numbers stand to the right. */
  readonly isNumber: boolean;
  /** The highest is left out first; 0 never. */
  readonly spare: number;
  readonly paint?: StyleName;
}

export interface FittedTable {
  /** The titles, then a line each row. */
  readonly lines: readonly string[];
  /** Titles of the columns that were left out. */
  readonly leftOut: readonly string[];
}

const GAP = 2;
/** Titles that are wider than what stands below them keep so many columns, as long as nothing else would help. */
const TITLE = 8;
const LEAST_TITLE = 3;
const LEAST_CELL = 4;

/** `width`: of a line at most, Infinity for as wide as it is. */
export const fittedColumns = (all: readonly FittedColumn[], width: number, style: Style): FittedTable => {
  const leftOut: string[] = [];
  for (let shown = all; ;) {
    for (const title of [Infinity, TITLE]) {
      const widths = shown.map((column) => widthOf(column, title));
      if (totalOf(widths) <= width) return { lines: linesOf(shown, widths, style), leftOut };
    }
    const most = Math.max(...shown.map(({ spare }) => spare));
    if (most <= 0) return { lines: linesOf(shown, squeezed(shown, width), style), leftOut };
    const at = shown.findLastIndex(({ spare }) => spare === most);
    leftOut.unshift(shown[at]?.title ?? "");
    shown = shown.toSpliced(at, 1);
  }
};

/** With the title cut to `title` columns, where the cells are no wider. */
const widthOf = ({ title, cells }: FittedColumn, most: number): number =>
  Math.max(Math.min(visibleWidth(title), most), ...cells.map(visibleWidth));

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);

/** Takes from the widest until it fits, or nothing is left to take. */
const squeezed = (columns: readonly FittedColumn[], width: number): number[] => {
  const widths = columns.map((column) => widthOf(column, LEAST_TITLE));
  while (totalOf(widths) > width) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_CELL) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
};

const linesOf = (columns: readonly FittedColumn[], widths: readonly number[], style: Style): string[] => {
  const rows = columns[0]?.cells.length ?? 0;
  const line = (textOf: (column: FittedColumn) => string, paintOf: (column: FittedColumn) => StyleName | undefined) =>
    columns
      .map((column, at) => {
        const width = widths[at] ?? 0;
        const text = shorten(textOf(column), width);
        const paint = paintOf(column);
        const painted = paint === undefined ? text : style(paint, text);
        if (column.isNumber) return " ".repeat(Math.max(0, width - visibleWidth(text))) + painted;
        return at === columns.length - 1 ? painted : padVisible(painted, width);
      })
      .join(" ".repeat(GAP));
  return [
    line(
      ({ title }) => title,
      () => "dim",
    ),
    ...Array.from({ length: rows }, (_, row) =>
      line(
        ({ cells }) => cells[row] ?? "",
        ({ paint }) => paint,
      ),
    ),
  ];
};
