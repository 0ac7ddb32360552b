import { padVisible, visibleWidth } from "./clip.ts";

/** Rows whose cells stand beneath each other, `gap` blanks apart. `right` are columns of numbers. */
export const columns = (rows: readonly (readonly string[])[], right: readonly number[] = [], gap = 2): string[] => {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, visibleWidth(cell));
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        if (right.includes(at)) return " ".repeat(width - visibleWidth(cell)) + cell;
        return at === row.length - 1 ? cell : padVisible(cell, width);
      })
      .join(" ".repeat(gap)),
  );
};
