/** From the reports of many nodes (Direct Export, RFC 9326) to the paths of packets. */
import { ExportRecord } from "../../mark/ioam/record.ts";
import { readLayout } from "../../wire/codec.ts";
import { decodeIoamTrace } from "../../wire/ioam/decode.ts";
import { ExtensionFlag } from "../../wire/ioam/direct-export.ts";
import type { IoamHop } from "../../wire/ioam/trace.ts";
import type { Ipv6Address } from "../../wire/layout.ts";

/** What one node reported of one packet. */
export interface ExportedHop {
  /** When the node saw the packet, ns since 1970, by its own clock. */
  readonly timestampNs: bigint;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
  readonly namespaceId: number;
  readonly traceType: number;
  /** Undefined when the packet has none. */
  readonly flowId: number | undefined;
  readonly sequence: number | undefined;
  readonly hop: IoamHop;
}

/** The way of one packet, as far as nodes reported it. */
export interface ExportedPath {
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
  readonly namespaceId: number;
  readonly flowId: number | undefined;
  readonly sequence: number | undefined;
  /** In the order of the path: by hop limit where all have one, else by the nodes' clocks. */
  readonly hops: readonly ExportedHop[];
}

/** Reads a record of the ring `ioam_exports`; null when what it holds is no entry. */
export const readExport = (bytes: Uint8Array, offset = 0): ExportedHop | null => {
  const { trace, traceLength, extensionFlags, flowId, sequence, timestampNs, source, destination } = readLayout(
    ExportRecord,
    bytes,
    offset,
  );
  const { hops, malformed, namespaceId, traceType } = decodeIoamTrace(
    Uint8Array.from(trace),
    0,
    Math.min(traceLength, trace.length),
  );
  const [hop] = hops;
  if (malformed !== undefined || hop === undefined) return null;
  return {
    timestampNs,
    source,
    destination,
    namespaceId,
    traceType,
    flowId: (extensionFlags & ExtensionFlag.FlowId) === 0 ? undefined : flowId,
    sequence: (extensionFlags & ExtensionFlag.Sequence) === 0 ? undefined : sequence,
    hop,
  };
};

/**
 * Joins reports, in any order and from any number of nodes, into one path a packet: flow id and sequence number name it.
 * A report without a sequence number is a path of its own. Sequence numbers wrap: join no more than some minutes at once.
 */
export const joinExports = (reports: Iterable<ExportedHop>): ExportedPath[] => {
  const packets = new Map<string, ExportedHop[]>();
  let alone = 0;
  for (const report of reports) {
    const { sequence, flowId, namespaceId, source, destination } = report;
    const key =
      sequence === undefined ? `${alone++}` : `${namespaceId} ${source} ${destination} ${flowId ?? "-"} ${sequence}`;
    const hops = packets.get(key);
    if (hops === undefined) packets.set(key, [report]);
    else hops.push(report);
  }
  return [...packets.values()].map((hops) => {
    const { source, destination, namespaceId, flowId, sequence } = hops[0]!;
    return { source, destination, namespaceId, flowId, sequence, hops: inPathOrder(hops) };
  });
};

const inPathOrder = (hops: readonly ExportedHop[]): ExportedHop[] => {
  const byHopLimit = hops.every(({ hop }) => typeof hop.hopLimit === "number");
  return hops.toSorted((a, b) =>
    byHopLimit ? Number(b.hop.hopLimit) - Number(a.hop.hopLimit) : Number(a.timestampNs - b.timestampNs),
  );
};
