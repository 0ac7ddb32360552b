/** The live picture of marks: a pure function of what is known to the lines of a screen. */
import type { Style } from "../framework/style.ts";
import { clip } from "../picture/clip.ts";
import { count } from "../picture/quantity.ts";
import type { ScreenSize } from "../picture/screen.ts";
import { flowTable, streamTable, timelineLines, type MarksSummary } from "./marks-text.ts";

const LABEL = 26;
const MOST_FLOWS = 8;

/** At most `height` lines of at most `width` columns. */
export const renderMarks = (
  title: string,
  elapsedMs: number,
  summary: MarksSummary,
  { width, height }: ScreenSize,
  style: Style,
): string[] => {
  const { streams, flows, live } = summary;
  const seen =
    live === null ? "" : `  ${count(live.seen)} packets${live.lost > 0 ? `, ${count(live.lost)} not told of` : ""}`;
  const lines = [`${style("bold", title)}  ${(elapsedMs / 1000).toFixed(1)} s${seen}`, style("dim", "Ctrl-C ends"), ""];
  if (streams.length === 0) lines.push(style("dim", "no marked packet yet"));
  else {
    lines.push(...streamTable(streams, style), "");
    lines.push(...timelineLines(summary.timeline, Math.max(10, width - LABEL), style), "");
    if (flows.length > 0) lines.push(...flowTable(flows.slice(0, MOST_FLOWS), style));
  }
  return lines.slice(0, height).map((line) => (line === "" ? line : clip(`  ${line}`, width)));
};
