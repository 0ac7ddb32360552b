/** A packet's path on one line. */
import type { PathHop, PathObject } from "../../follow/trace/path-object.ts";
import type { Style } from "../framework/style.ts";
import { hopDelays, hopLabel } from "./hop-delays.ts";
import { clockTime, duration } from "./quantity.ts";

/**
 * All that the trace says, for logs and pipes:
 *
 *     12:34:56.789012 icmpv6 db01::1 > db02::2 ns 123: athos id 1 out 11 hop limit 64 queue 0 data 0xdeadbeef, +40 µs porthos …
 */
export const packetLine = (path: PathObject, style: Style): string => {
  const delays = hopDelays(path.hops);
  const hops = path.hops.map((hop, index) => {
    const delay = delayText(delays[index] ?? null, style);
    return `${delay === "" ? "" : `${delay} `}${hopText(hop, style)}`;
  });
  return `${head(path, style)} ns ${path.namespaceId}${remarks(path, style)}: ${hops.join(", ")}`;
};

/** Nodes and delays only, for a list. */
export const shortPacketLine = (path: PathObject, style: Style): string => {
  const delays = hopDelays(path.hops);
  const hops = path.hops.map((hop, index) => {
    const delay = delayText(delays[index] ?? null, style);
    return `${index === 0 ? "" : ` ${delay === "" ? "→" : delay} `}${hopLabel(hop)}`;
  });
  return `${head(path, style)}${remarks(path, style)}  ${hops.join("")}`;
};

const head = ({ hops, protocol, source, destination }: PathObject, style: Style): string => {
  const time = clockTime(hops[0]?.timestampNs ?? null);
  // Whoever saw only the trace knows no addresses.
  const packet = protocol === "unknown" ? "some packet" : `${protocol.padEnd(6)} ${source} > ${destination}`;
  return `${style("dim", time)} ${packet}`;
};

/** What is not ordinary about the packet. */
const remarks = ({ segments, flags, malformed }: PathObject, style: Style): string => {
  const said = [
    ...(segments > 1 ? [`${segments} segments`] : []),
    ...Object.entries(flags).flatMap(([name, set]) => (set ? [name] : [])),
    ...(malformed === undefined ? [] : [malformed]),
  ];
  return said.length === 0 ? "" : ` ${style("yellow", `[${said.join(", ")}]`)}`;
};

/** Time that runs backwards is shown, and shown to be wrong. */
const delayText = (ns: number | null, style: Style): string =>
  ns === null ? "" : ns < 0 ? style("red", `${duration(ns)} (!)`) : style("cyan", `+${duration(ns)}`);

const hopText = (hop: PathHop, style: Style): string => {
  const parts = [
    style("bold", hopLabel(hop)),
    ...(typeof hop.nodeId === "number" ? [`id ${hop.nodeId}`] : []),
    ...part("in", hop.ingressId ?? hop.ingressIdWide),
    ...part("out", hop.egressId ?? hop.egressIdWide),
    ...part("hop limit", hop.hopLimit),
    ...(typeof hop.transitDelayNs === "number" ? [`transit ${duration(hop.transitDelayNs)}`] : []),
    ...part("queue", hop.queueDepth),
    ...part("data", hop.namespaceData ?? hop.namespaceDataWide),
  ];
  return parts.join(" ");
};

const part = (name: string, value: number | string | null | undefined): string[] =>
  value === null || value === undefined ? [] : [`${name} ${value}`];
