/** One report of a node, for people and as JSON. */
import type { ExportedHop } from "../../follow/trace/join-exports.ts";
import type { IoamHop } from "../../wire/ioam/trace.ts";
import type { Style } from "../framework/style.ts";
import { typeText } from "../ioam-common.ts";

export interface ExportObject {
  readonly device: string;
  /** ns since 1970. */
  readonly timestampNs: string;
  readonly source: string;
  readonly destination: string;
  readonly namespaceId: number;
  readonly traceType: string;
  readonly flowId: number | null;
  readonly sequence: number | null;
  readonly hop: IoamHop;
}

export const exportObject = (device: string, report: ExportedHop): ExportObject => ({
  device,
  timestampNs: String(report.timestampNs),
  source: report.source,
  destination: report.destination,
  namespaceId: report.namespaceId,
  traceType: typeText(report.traceType),
  flowId: report.flowId ?? null,
  sequence: report.sequence ?? null,
  hop: report.hop,
});

/** `db01::1 > db02::2  flow 7  seq 9  nodeId 2  ingressId 21  hopLimit 63` */
export const exportText = ({ source, destination, flowId, sequence, hop }: ExportObject, style: Style): string =>
  [
    style("bold", `${source} > ${destination}`),
    ...(flowId === null ? [] : [`flow ${flowId}`]),
    ...(sequence === null ? [] : [`seq ${sequence}`]),
    ...Object.entries(hop).flatMap(([name, value]) =>
      value === null || typeof value === "object" ? [] : [`${name} ${value}`],
    ),
  ].join("  ");
