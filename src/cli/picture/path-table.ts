/** The paths and the flows, a row each. */
import type { FlowSummary, NodeSummary, PathSummary } from "../../follow/trace/path-summary.ts";
import type { Style } from "../framework/style.ts";
import { columns } from "./columns.ts";
import { pathLabel } from "./path-label.ts";
import { bytes, count, duration } from "./quantity.ts";

const PATH_TITLES = ["path", "packets", "p50", "p90", "p99", ""];
const NODE_TITLES = ["node", "packets", "transit p50", "p90", "p99", "queue p99"];
const FLOW_TITLES = ["flow", "path", "packets", "min", "mean", "max", ""];

export const pathTable = (paths: readonly PathSummary[], style: Style): string[] =>
  table(
    PATH_TITLES,
    paths.map(({ path, hops, packets, delayNs, backwards }) => [
      `${path}  ${style("bold", pathLabel(hops.map(({ node }) => node)))}${interfacesOf(hops, style)}`,
      count(packets),
      style("cyan", duration(delayNs.p50)),
      duration(delayNs.p90),
      duration(delayNs.p99),
      backwards === 0 ? "" : style("red", `${count(backwards)} run backwards: the clocks disagree`),
    ]),
    [1, 2, 3, 4],
    style,
  );

export const nodeTable = (nodes: readonly NodeSummary[], style: Style): string[] =>
  table(
    NODE_TITLES,
    nodes.map(({ node, packets, transitDelayNs, queueDepth }) => [
      style("bold", node ?? "?"),
      count(packets),
      style("cyan", duration(transitDelayNs.p50)),
      duration(transitDelayNs.p90),
      duration(transitDelayNs.p99),
      bytes(queueDepth.p99),
    ]),
    [1, 2, 3, 4, 5],
    style,
  );

export const flowTable = (flows: readonly FlowSummary[], style: Style): string[] =>
  table(
    FLOW_TITLES,
    flows.map((flow) => [
      flowLabel(flow),
      String(flow.path),
      count(flow.packets),
      duration(flow.delayNs?.min ?? null),
      style("cyan", duration(flow.delayNs?.mean ?? null)),
      duration(flow.delayNs?.max ?? null),
      [
        ...(flow.moves === 0
          ? []
          : [style("yellow", `moved ${count(flow.moves)} ${flow.moves === 1 ? "time" : "times"}`)]),
        ...(flow.overtaken === 0 ? [] : [`${count(flow.overtaken)} overtaken`]),
      ].join(", "),
    ]),
    [1, 2, 3, 4, 5],
    style,
  );

const table = (
  titles: readonly string[],
  rows: readonly string[][],
  numbers: readonly number[],
  style: Style,
): string[] => columns([titles.map((title) => style("dim", title)), ...rows], numbers).map((line) => line.trimEnd());

/** `tcp db01::1 5000 > db02::2 80` */
const flowLabel = ({ protocol, source, sourcePort, destination, destinationPort }: FlowSummary): string => {
  const hasPorts = protocol === "tcp" || protocol === "udp";
  const end = (address: string, port: number): string => (hasPorts ? `${address} ${port}` : address);
  return `${protocol} ${end(source, sourcePort)} > ${end(destination, destinationPort)}`;
};

/** The interfaces that packets leave by: they tell apart paths over the same nodes. */
const interfacesOf = (hops: PathSummary["hops"], style: Style): string => {
  const known = hops.map(({ egressId }) => egressId).filter((id) => id !== null);
  return known.length === 0 ? "" : style("dim", `  out ${known.join(" ")}`);
};
