/** What a session came to, for people. */
import type { Summary } from "../../follow/trace/summary.ts";
import type { Style } from "../framework/style.ts";
import { columns } from "./columns.ts";
import { count, duration } from "./quantity.ts";
import { reasonsLine, totalsLine } from "./totals.ts";

export const summaryText = (summary: Summary, style: Style): string => {
  const transit = summary.transit === null ? "" : `, transit by ${summary.transit}`;
  const reasons = reasonsLine(summary.reasons, style);
  const rows = summary.links.map((link) => [
    style("bold", `${link.from ?? "?"} ▶ ${link.to ?? "?"}`),
    `${count(link.packets)} packets`,
    `p50 ${duration(link.delayP50Ns)}`,
    `p99 ${duration(link.delayP99Ns)}`,
  ]);
  return [
    `${summary.seconds.toFixed(1)} s${transit}: ${totalsLine(summary, style)}`,
    ...columns(rows, [1]).map((line) => `  ${line}`),
    ...(reasons === "" ? [] : [`  ${reasons}`]),
  ].join("\n");
};
