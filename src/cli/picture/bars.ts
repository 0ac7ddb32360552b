/** Numbers as rows of little bars. */
import { bucketOf, BUCKETS, bucketStart, type Histogram } from "../../follow/trace/histogram.ts";

const BARS = [..."▁▂▃▄▅▆▇█"];

/** One bar a value, from zero to the largest; a blank where there is none. */
export const sparkline = (values: readonly (number | null)[]): string => {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return values.map((value) => (value === null ? " " : bar(value, largest))).join("");
};

/** A histogram in `columns` bars, from its smallest to its largest value on a logarithmic scale. */
export const histogramBars = (histogram: Histogram, columns: number): string => {
  if (histogram.count === 0) return " ".repeat(columns);
  const from = Math.log2(Math.max(1, histogram.min));
  const span = Math.max(Math.log2(Math.max(1, histogram.max)) - from, Number.EPSILON);
  const counts = Array.from({ length: columns }, () => 0);
  for (let bucket = bucketOf(histogram.min); bucket < BUCKETS && bucketStart(bucket) <= histogram.max; bucket++) {
    const value = histogram.counts[bucket] ?? 0;
    if (value === 0) continue;
    const at = Math.floor(((Math.log2(Math.max(1, bucketStart(bucket))) - from) / span) * columns);
    const column = Math.min(columns - 1, Math.max(0, at));
    counts[column] = (counts[column] ?? 0) + value;
  }
  return sparkline(counts.map((value) => (value === 0 ? null : value)));
};

const PARTS = [..." ▏▎▍▌▋▊▉█"];

/** A bar that lies, `columns` long for `largest`. Something that is there is never without one. */
export const lyingBar = (value: number, largest: number, columns: number): string => {
  const eighths = largest <= 0 || value <= 0 ? 0 : Math.max(1, Math.round((value / largest) * columns * 8));
  return `${"█".repeat(Math.floor(eighths / 8))}${PARTS[eighths % 8]}`.trimEnd();
};

/** Something that is there is never without a bar. */
const bar = (value: number, largest: number): string => {
  const step = largest === 0 ? 0 : Math.ceil((value / largest) * BARS.length) - 1;
  return BARS[Math.min(BARS.length - 1, Math.max(0, step))] ?? " ";
};
