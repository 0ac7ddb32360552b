import type { MoveSummary } from "../../follow/trace/path-summary.ts";
import type { Style } from "../framework/style.ts";
import { pathLabel } from "./path-label.ts";
import { clockTime, count } from "./quantity.ts";

/** `12:34:56.789012 3 flows moved from path 0 (athos ▶ porthos ▶ aramis) to path 1 (athos ▶ milady ▶ aramis)` */
export const moveLine = ({ timeNs, from, to, flows, moves }: MoveSummary, style: Style): string => {
  const end = ({ path, nodes }: MoveSummary["from"]): string => `path ${path} (${pathLabel(nodes)})`;
  const times = moves > flows ? `, ${count(moves)} times` : "";
  const who = `${count(flows)} ${flows === 1 ? "flow" : "flows"} moved`;
  return `${style("dim", clockTime(timeNs))} ${style("yellow", who)} from ${end(from)} to ${end(to)}${times}`;
};
