/** The live picture of marks: a pure function of what is known to the lines of a screen. */
import type { RecentSteps } from "../../follow/marks/recent-steps.ts";
import type { Style } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import { clip } from "../picture/clip.ts";
import { plot, PLOT_MARGIN, timeAxis } from "../picture/plot.ts";
import { count, duration } from "../picture/quantity.ts";
import type { ScreenSize } from "../picture/screen.ts";
import { flowTable, liveStreamTable, shareText, type MarksSummary } from "./marks-text.ts";

const MOST_STREAMS = 6;
const MOST_FLOWS = 8;
/** Flows that plots leave room for. */
const FEW_FLOWS = 3;
const MOST_ROWS = 6;
const INDENT = 2;

/** At most `height` lines of at most `width` columns: the plots are as high as there is room for. */
export const renderMarks = (
  { title, hidden }: { readonly title: string; readonly hidden: string | null },
  elapsedMs: number,
  summary: MarksSummary,
  recent: RecentSteps,
  { width, height }: ScreenSize,
  style: Style,
): string[] => {
  const { streams, flows, flowCount, live } = summary;
  const room = Math.max(20, width - INDENT);
  const seen =
    live === null
      ? ""
      : `  ${count(live.seen)} packets${live.lost > 0 ? style("red", `, ${count(live.lost)} not told of`) : ""}`;
  const lines = [`${style("bold", title)}  ${(elapsedMs / 1000).toFixed(1)} s${seen}`, style("dim", "Ctrl-C ends"), ""];
  if (streams.length === 0)
    lines.push(style("dim", "no marked packet yet"), ...(hidden === null ? [] : wrap(hidden, room)));
  else {
    lines.push(...liveStreamTable(streams.slice(0, MOST_STREAMS), style, room));
    if (streams.length > MOST_STREAMS)
      lines.push(style("dim", `and ${count(streams.length - MOST_STREAMS)} more devices and CPUs`));
    const rows = Math.min(flows.length, FEW_FLOWS) + 2;
    lines.push("", ...plots(recent, room, height - lines.length - 1 - rows, style), "");
    if (flows.length > 0) lines.push(...flowTable(flows.slice(0, MOST_FLOWS), style, room));
    if (flowCount > MOST_FLOWS) lines.push(style("dim", `and ${count(flowCount - MOST_FLOWS)} more flows`));
  }
  return lines.slice(0, height).map((line) => (line === "" ? line : clip(`${" ".repeat(INDENT)}${line}`, width)));
};

/** Loss and delay of the last two minutes, in `height` lines. */
const plots = (recent: RecentSteps, width: number, height: number, style: Style): string[] => {
  const { received, lost, delayCounts, delaySums, stepNs } = recent;
  const places = recent.places();
  const shares = places.map((at) => {
    const missing = Math.max(0, lost[at]!);
    const all = received[at]! + missing;
    return all === 0 ? null : missing / all;
  });
  const delays = places.map((at) => (delayCounts[at] === 0 ? null : Math.max(0, delaySums[at]! / delayCounts[at]!)));
  const withDelays = delays.some((delay) => delay !== null);
  const rows = Math.min(MOST_ROWS, Math.max(1, Math.floor((height - 2) / (withDelays ? 2 : 1))));
  const columns = Math.max(1, Math.min(width - PLOT_MARGIN, received.length));
  const step = stepNs / 1e9;
  return [
    ...plot({ name: "lost", values: shares, rows, colour: "red", label: shareText }, columns, style),
    ...(withDelays
      ? plot({ name: "delay", values: delays, rows, colour: "cyan", label: duration }, columns, style)
      : []),
    ...timeAxis(`-${Math.round(columns * step)} s`, columns, style),
  ];
};
