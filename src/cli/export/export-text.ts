/** One report of a node, for people and as JSON. */
import type { HopFacts } from "../../follow/trace/exports/joined-packet.ts";
import type { ExportReport } from "../../follow/trace/exports/report.ts";
import type { IoamHop } from "../../wire/ioam/trace.ts";
import type { Style } from "../framework/style.ts";
import { typeText } from "../ioam-common.ts";

export interface ExportObject {
  /** Where the packet came in, or where it went out when that is all that is known. */
  readonly device: string;
  /** Whether the node reported when it came, and when it left. */
  readonly arrived: boolean;
  readonly left: boolean;
  /** ns since 1970. */
  readonly timestampNs: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly namespaceId: number;
  readonly traceType: string;
  readonly flowId: number | null;
  readonly sequence: number | null;
  /** Packets of the wire with this flow id and sequence number: pieces of a packet that was, or will be, cut share one. */
  readonly segments: number;
  readonly hop: IoamHop;
}

export const exportObject = (device: string, report: ExportReport, facts: HopFacts): ExportObject => ({
  device,
  arrived: facts.arrivals > 0,
  left: facts.departures > 0,
  timestampNs: String(report.timestampNs),
  source: report.source,
  destination: report.destination,
  protocol: report.protocol,
  namespaceId: report.namespaceId,
  traceType: typeText(report.traceType),
  flowId: report.flowId ?? null,
  sequence: report.sequence ?? null,
  segments: facts.arrivals > 0 ? facts.arrivedSegments : facts.leftSegments,
  hop: report.hop,
});

/** `db01::1 > db02::2  flow 7  seq 9  nodeId 2  ingressId 21  hopLimit 63` */
export const exportText = (
  { source, destination, flowId, sequence, segments, hop }: ExportObject,
  style: Style,
): string =>
  [
    style("bold", `${source} > ${destination}`),
    ...(flowId === null ? [] : [`flow ${flowId}`]),
    ...(sequence === null ? [] : [`seq ${sequence}`]),
    ...(segments === 1 ? [] : [`${segments} packets of the wire`]),
    ...Object.entries(hop).flatMap(([name, value]) =>
      value === null || typeof value === "object" ? [] : [`${name} ${value}`],
    ),
  ].join("  ");
