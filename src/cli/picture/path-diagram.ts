/** A path as boxes and arrows, with what its nodes and links usually take. */
import type { NodeNames } from "../../follow/trace/path-object.ts";
import type { HopIdentity } from "../../follow/trace/hop-key.ts";
import type { LinkStatistics, NodeStatistics, PathStatistics } from "../../follow/trace/statistics.ts";
import { nodeLabel } from "../../follow/trace/node-label.ts";
import type { Style } from "../framework/style.ts";
import { padVisible, visibleWidth } from "./clip.ts";
import { bytes, duration } from "./quantity.ts";

const BOX_LINES = 6;
const ARROW_WIDTH = 14;
const WIDEST_ARROW = 24;

/**
 *     ╭ athos ────╮              ╭ porthos ───────╮
 *     │ id 1      │    40 µs     │ id 2           │
 *     │ out 11    │ ───────────▶ │ in 21  out 22  │
 *     │           │  p99 65 µs   │ transit 4.1 µs │
 *     │ queue 0 B │              │ queue 1500 B   │
 *     ╰───────────╯              ╰────────────────╯
 *
 * Boxes that do not fit beside each other go on beneath; where not even two fit, the path is a line.
 */
export const pathDiagram = (path: PathStatistics, names: NodeNames, width: number, style: Style): string[] => {
  const boxes = path.hops.map((hop, index) => box(hop, path.nodes[index], names, style));
  const widest = Math.max(0, ...boxes.map(boxWidth));
  if (2 * widest + ARROW_WIDTH > width) return [pathLine(path, names, style)];
  const rows = rowsThatFit(boxes, width);
  let first = 0;
  return rows.flatMap((row) => {
    const used = row.reduce((sum, one) => sum + boxWidth(one), 0);
    const room = Math.floor((width - used) / Math.max(1, row.length - 1));
    const arrowWidth = Math.max(ARROW_WIDTH, Math.min(WIDEST_ARROW, room));
    const links = path.links.slice(first, first + row.length - 1);
    first += row.length;
    return Array.from({ length: BOX_LINES }, (_, line) =>
      row
        .map((one, at) => {
          const link = links[at - 1];
          return (link === undefined ? "" : (arrow(link, arrowWidth, style)[line] ?? "")) + (one[line] ?? "");
        })
        .join(""),
    );
  });
};

const pathLine = (path: PathStatistics, names: NodeNames, style: Style): string =>
  path.hops
    .map((hop, index) => {
      const link = path.links[index - 1];
      const delay = link === undefined ? "" : ` ─ ${style("cyan", delayOf(link, 0.5))} ─▶ `;
      return delay + style("bold", nodeLabel(hop.nodeId, names) ?? "?");
    })
    .join("");

const boxWidth = (one: readonly string[]): number => visibleWidth(one[0] ?? "");

/** At most as many boxes in a row as fit with arrows between them. */
const rowsThatFit = (boxes: readonly string[][], width: number): string[][][] => {
  const rows: string[][][] = [];
  let used = Infinity;
  for (const one of boxes) {
    used += ARROW_WIDTH + boxWidth(one);
    if (used > width) {
      rows.push([]);
      used = boxWidth(one);
    }
    rows.at(-1)?.push(one);
  }
  return rows;
};

const box = (hop: HopIdentity, node: NodeStatistics | undefined, names: NodeNames, style: Style): string[] => {
  const name = nodeLabel(hop.nodeId, names) ?? "?";
  const transit = node?.transitDelaysNs.quantile(0.5) ?? null;
  const queue = node?.queueDepths.quantile(0.5) ?? null;
  const lines = [
    `id ${hop.nodeId ?? "?"}`,
    [hop.ingressId === null ? "" : `in ${hop.ingressId}`, hop.egressId === null ? "" : `out ${hop.egressId}`]
      .filter((text) => text !== "")
      .join("  "),
    transit === null ? "" : `transit ${duration(transit)}`,
    queue === null ? "" : `queue ${bytes(queue)}`,
  ];
  const inner = Math.max(name.length + 2, ...lines.map((line) => line.length)) + 2;
  return [
    `╭ ${style("bold", name)} ${"─".repeat(inner - name.length - 2)}╮`,
    ...lines.map((line) => `│ ${padVisible(line, inner - 2)} │`),
    `╰${"─".repeat(inner)}╯`,
  ];
};

const arrow = (link: LinkStatistics, width: number, style: Style): string[] => {
  const centred = (text: string): string => {
    const left = Math.max(0, Math.floor((width - visibleWidth(text)) / 2));
    return padVisible(" ".repeat(left) + text, width);
  };
  return [
    " ".repeat(width),
    centred(style("cyan", delayOf(link, 0.5))),
    ` ${"─".repeat(width - 3)}▶ `,
    centred(style("dim", `p99 ${delayOf(link, 0.99)}`)),
    " ".repeat(width),
    " ".repeat(width),
  ];
};

const delayOf = ({ delaysUs }: LinkStatistics, share: number): string => {
  const delay = delaysUs.quantile(share);
  return duration(delay === null ? null : delay * 1000);
};
