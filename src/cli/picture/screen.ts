/** The live picture: a pure function of what is known to the lines of a screen. */
import type { Loss } from "../../follow/trace/loss.ts";
import type { NodeNames, PathObject } from "../../follow/trace/path-object.ts";
import { flowSummary, moveSummary, pathSummaries } from "../../follow/trace/path-summary.ts";
import type { TraceStatistics } from "../../follow/trace/statistics.ts";
import type { Style } from "../framework/style.ts";
import { clip, padVisible, visibleWidth } from "./clip.ts";
import type { DelayHistory } from "./delay-history.ts";
import { hopTable } from "./hop-table.ts";
import { linkTable } from "./link-table.ts";
import type { Grouping } from "./grouping.ts";
import { moveLine } from "./move-line.ts";
import { shortPacketLine } from "./packet-line.ts";
import { pathDiagram } from "./path-diagram.ts";
import { flowTable, pathTable } from "./path-table.ts";
import { count } from "./quantity.ts";
import { reasonsLine, totalsLine } from "./totals.ts";

export interface LiveState {
  /** `hopmark demo`. */
  readonly title: string;
  /** What goes on, and how to end it. */
  readonly note: string;
  readonly transit: string | null;
  readonly elapsedMs: number;
  readonly statistics: TraceStatistics;
  readonly loss: Loss;
  readonly history: DelayHistory;
  readonly names: NodeNames;
  /** What the table has a row for. */
  readonly by: Grouping;
  /** Newest first. */
  readonly recent: readonly PathObject[];
}

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/** At most `height` lines of at most `width` columns. What does not fit is left out from the end: the list, then the latest packet. */
export const renderScreen = (state: LiveState, { width, height }: ScreenSize, style: Style): string[] => {
  const { recent } = state;
  const parts = [
    header(state, width, style),
    diagrams(state, width - 2, style),
    tableOf(state, width - 2, style),
    latestMoves(state, style),
    latest(recent[0], width - 2, style),
  ].map((lines) => lines.map((line) => `  ${line}`));
  const lines: string[] = [];
  for (const part of parts) {
    if (part.length === 0) continue;
    const gap = lines.length === 0 ? [] : [""];
    if (lines.length + gap.length + part.length > height) break;
    lines.push(...gap, ...part);
  }
  const room = height - lines.length - 2;
  if (recent.length > 1 && room > 0) {
    lines.push("", `  ${style("dim", "before it")}`);
    lines.push(...recent.slice(1, room + 1).map((path) => `  ${shortPacketLine(path, style)}`));
  }
  return lines.slice(0, height).map((line) => clip(line, width));
};

const header = (state: LiveState, width: number, style: Style): string[] => {
  const { title, transit, elapsedMs, statistics, loss, note } = state;
  const seconds = (elapsedMs / 1000).toFixed(1);
  const left = `${style("bold", title)}${transit === null ? "" : `  transit by ${style("cyan", transit)}`}  ${seconds} s`;
  const totals = totalsLine(loss, style);
  const gap = width - 4 - visibleWidth(left) - visibleWidth(totals);
  const segments =
    statistics.segments === statistics.packets ? "" : ` · ${count(statistics.segments)} segments in them`;
  const reasons = reasonsLine(loss.reasons, style);
  return [
    ...(gap >= 2 ? [padVisible(left, visibleWidth(left) + gap) + totals] : [left, totals]),
    style("dim", `${note}${segments}`),
    ...(reasons === "" ? [] : [reasons]),
  ];
};

/** The paths that most packets took. */
const diagrams = ({ statistics, names }: LiveState, width: number, style: Style): string[] => {
  const paths = statistics.paths.toSorted((one, other) => other.packets - one.packets);
  const [main, ...others] = paths;
  if (main === undefined) return [style("dim", "no packet with a trace yet")];
  const more =
    others.length === 0
      ? []
      : [
          style(
            "dim",
            `and ${count(others.length)} other ways, ${count(others.reduce((sum, path) => sum + path.packets, 0))} packets`,
          ),
        ];
  return [...pathDiagram(main, names, width, style), ...more];
};

/** Rows that fit beside the rest. */
const ROWS = 12;
const MOVES = 3;

const tableOf = ({ statistics, history, names, by }: LiveState, width: number, style: Style): string[] => {
  if (by === "path") return pathTable(pathSummaries(statistics.paths, names, ROWS), style);
  if (by === "flow") return flowTable(statistics.flows.busiest(ROWS).map(flowSummary), style);
  return linkTable(statistics.links, history, names, width, style);
};

/** Newest first. */
const latestMoves = ({ statistics, names }: LiveState, style: Style): string[] => {
  const { open, ended } = statistics.flows.moves;
  return [...ended.slice(-MOVES), ...open]
    .slice(-MOVES)
    .toReversed()
    .map((move) => moveLine(moveSummary(move, statistics.paths, names), style));
};

const latest = (path: PathObject | undefined, width: number, style: Style): string[] => {
  if (path === undefined) return [];
  const { protocol, source, destination, namespaceId, traceType, segments } = path;
  const many = segments > 1 ? `, ${segments} segments` : "";
  const title = `latest packet: ${protocol} ${source} > ${destination}, namespace ${namespaceId}, type ${traceType}${many}`;
  return [style("dim", title), ...hopTable(path, width, style)];
};
