/** What a session came to, for people. */
import type { ClockSummary } from "../../follow/trace/clock-summary.ts";
import type { Summary } from "../../follow/trace/summary.ts";
import type { Style } from "../framework/style.ts";
import type { Grouping } from "./grouping.ts";
import { columns } from "./columns.ts";
import { moveLine } from "./move-line.ts";
import { flowTable, nodeTable, pathTable } from "./path-table.ts";
import { count, duration } from "./quantity.ts";
import { reasonsLine, totalsLine } from "./totals.ts";

/** `by` chooses one table; without it, those are shown that say something. */
export const summaryText = (summary: Summary, style: Style, by?: Grouping): string => {
  const { paths, flows, nodes, moves } = summary;
  const transit = summary.transit === null ? "" : `, transit by ${summary.transit}`;
  const reasons = reasonsLine(summary.reasons, style);
  const tables = {
    link: () => [...linkRows(summary, style), ...(by === "link" && nodes.length > 0 ? nodeTable(nodes, style) : [])],
    path: () => (paths.length > 0 ? pathTable(paths, style) : []),
    flow: () => (flows.length > 0 ? flowTable(flows, style) : []),
  };
  const shown = by === undefined ? [...tables.link(), ...(paths.length > 1 ? tables.path() : [])] : tables[by]();
  return [
    `${summary.seconds.toFixed(1)} s${transit}: ${totalsLine(summary, style)}`,
    ...[
      ...shown,
      ...moves.map((move) => moveLine(move, style)),
      ...(reasons === "" ? [] : [reasons]),
      ...(summary.links.length === 0 ? [] : clockLines(summary.clock, style)),
    ].map((line) => `  ${line}`),
  ].join("\n");
};

const linkRows = ({ links }: Summary, style: Style): string[] =>
  columns(
    links.map((link) => [
      style("bold", `${link.from ?? "?"} ▶ ${link.to ?? "?"}`),
      `${count(link.packets)} packets`,
      `p50 ${duration(link.delayP50Ns)}`,
      `p90 ${duration(link.delayP90Ns)}`,
      `p99 ${duration(link.delayP99Ns)}`,
      ...(link.negative === 0
        ? []
        : [
            style(
              "red",
              `${count(link.negative)} arrived before they left, by up to ${duration(-link.worstNegativeNs)}: the clocks disagree`,
            ),
          ]),
    ]),
    [1],
  );

/** What the delays may be off by; nothing where they are exact. */
export const clockLines = (clock: ClockSummary, style: Style): string[] => {
  const { errorNs, synchronised, estimatedErrorNs, maximumErrorNs, steppedNs } = clock;
  const stepped =
    steppedNs === 0
      ? []
      : [
          style(
            "red",
            `the wall clock jumped by ${duration(steppedNs)}: delays of packets under way then are wrong by it`,
          ),
        ];
  if (errorNs === 0) return stepped;
  const here =
    synchronised === true
      ? `this machine's clock is within ${duration(estimatedErrorNs)}, at most ${duration(maximumErrorNs)}`
      : synchronised === false
        ? "nothing keeps this machine's clock"
        : "of this machine's clock nothing is known";
  return [...stepped, style("dim", `delays are differences of clocks: ${here}; the error of the others is unknown`)];
};
