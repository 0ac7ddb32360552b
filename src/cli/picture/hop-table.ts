/** One packet's path, a row a hop, with everything that people ask of a trace. */
import type { PathObject } from "../../follow/trace/path-object.ts";
import type { Style } from "../framework/style.ts";
import { visibleWidth } from "./clip.ts";
import { columns } from "./columns.ts";
import { hopDelays, hopLabel } from "./hop-delays.ts";
import { bytes, clockTime, duration } from "./quantity.ts";

const TITLES = ["node", "id", "in", "out", "limit", "time", "delay", "transit", "queue", "ns data"];
const NUMBERS = [1, 2, 3, 4, 6, 7, 8];

/** Closes up where it would be wider than `width`. */
export const hopTable = (path: PathObject, width: number, style: Style): string[] => {
  const delays = hopDelays(path.hops);
  const rows = path.hops.map((hop, index) => {
    const delay = delays[index] ?? null;
    return [
      style("bold", hopLabel(hop)),
      text(hop.nodeId ?? hop.nodeIdWide),
      text(hop.ingressId ?? hop.ingressIdWide),
      text(hop.egressId ?? hop.egressIdWide),
      text(hop.hopLimit),
      clockTime(hop.timestampNs ?? null),
      delay === null ? "" : delay < 0 ? style("red", `${duration(delay)} (!)`) : style("cyan", `+${duration(delay)}`),
      duration(hop.transitDelayNs ?? null),
      bytes(hop.queueDepth ?? null),
      text(hop.namespaceData ?? hop.namespaceDataWide),
    ];
  });
  const cells = [TITLES.map((title) => style("dim", title)), ...rows];
  const wide = columns(cells, NUMBERS);
  return wide.every((line) => visibleWidth(line) <= width) ? wide : columns(cells, NUMBERS, 1);
};

const text = (value: number | string | null | undefined): string =>
  value === null || value === undefined ? "-" : String(value);
