/** The links, a row each: how many packets, how long they took, and how that is spread and went lately. */
import type { NodeNames } from "../../follow/trace/path-object.ts";
import type { LinkStatistics } from "../../follow/trace/statistics.ts";
import { nodeLabel } from "../../follow/trace/node-label.ts";
import type { Style } from "../framework/style.ts";
import { histogramBars, sparkline } from "./bars.ts";
import { columns } from "./columns.ts";
import type { DelayHistory } from "./delay-history.ts";
import { count, duration } from "./quantity.ts";

const TITLES = ["link", "packets", "p50", "p99", "max", "from min to max", "lately"];
const NUMBERS = [1, 2, 3, 4];
const HISTOGRAM_COLUMNS = 15;
/** About what all columns before the last one take. */
const OTHER_COLUMNS = 68;
const LEAST_LATELY = 8;

export const linkTable = (
  links: readonly LinkStatistics[],
  history: DelayHistory,
  names: NodeNames,
  width: number,
  style: Style,
): string[] => {
  const lately = Math.max(LEAST_LATELY, width - OTHER_COLUMNS);
  const rows = links.map((link) => {
    const { delaysUs, packets } = link;
    const label = `${nodeLabel(link.from.nodeId, names) ?? "?"} ▶ ${nodeLabel(link.to.nodeId, names) ?? "?"}`;
    return [
      style("bold", label),
      count(packets),
      style("cyan", inNs(delaysUs.quantile(0.5))),
      inNs(delaysUs.quantile(0.99)),
      inNs(delaysUs.count === 0 ? null : delaysUs.max),
      style("green", histogramBars(delaysUs, HISTOGRAM_COLUMNS)),
      style("magenta", sparkline(history.of(link).slice(-lately))) + backwards(link, style),
    ];
  });
  return columns([TITLES.map((title) => style("dim", title)), ...rows], NUMBERS);
};

const inNs = (microseconds: number | null): string => duration(microseconds === null ? null : microseconds * 1000);

const backwards = ({ negative, worstNegativeUs }: LinkStatistics, style: Style): string =>
  negative === 0
    ? ""
    : style(
        "red",
        `  ${count(negative)} arrived before they left, by up to ${duration(-worstNegativeUs * 1000)}: the clocks disagree`,
      );
