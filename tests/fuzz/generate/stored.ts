/** What is written into a field: the compiler refuses a constant that has more bits than the field. */
import { anyBigint, constantBigint } from "./bigints.ts";
import type { Interval } from "./interval.ts";
import { constantNumber, number } from "./numbers.ts";
import type { FieldKind } from "./shapes.ts";
import type { Writing } from "./writing.ts";

type IntegerKind = Extract<FieldKind, { kind: "number" | "bigint" }>;

/** An integer for a place that keeps only so many of its bits. */
export const storedInteger = (w: Writing, type: IntegerKind, depth: number): string =>
  kept(type, type.kind === "number" ? number(w, depth) : anyBigint(w, depth));

/** The same, known while compiling. */
export const storedConstant = (w: Writing, type: IntegerKind): string =>
  kept(type, type.kind === "number" ? constantNumber(w) : constantBigint(w));

const kept = ({ kind, range }: IntegerKind, { text, low, high }: Interval & { readonly text: string }): string => {
  const values = range.high - range.low + 1n;
  if (low !== high || (low >= -values / 2n && high < values)) return text;
  return `${((low % values) + values) % values}${kind === "bigint" ? "n" : ""}`;
};
