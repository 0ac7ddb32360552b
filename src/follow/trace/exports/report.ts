/** A node's report on a packet that asked for it (Direct Export, RFC 9326), as an object. */
import { formatAddress } from "../../../wire/address.ts";
import { ExtensionFlag } from "../../../wire/ioam/direct-export.ts";
import { decodeIoamTrace } from "../../../wire/ioam/decode.ts";
import type { IoamHop } from "../../../wire/ioam/trace.ts";
import { protocolName } from "../protocol-name.ts";
import { readU16, readU32, readU64 } from "../record-layout.ts";
import { exportOffsets } from "./export-layout.ts";

export interface ExportReport {
  /** Of the device that the packet came in by, or went out by when that is all that is known. */
  readonly ifindex: number;
  /** When the node saw the packet, ns since 1970, by its own clock. */
  readonly timestampNs: bigint;
  /** The flow's: of the packet inside when there is a tunnel. */
  readonly source: string;
  readonly destination: string;
  /** `icmpv6`, `tcp`, `udp`, else the number. */
  readonly protocol: string;
  readonly namespaceId: number;
  readonly traceType: number;
  /** Undefined when the packet has none. */
  readonly flowId: number | undefined;
  readonly sequence: number | undefined;
  /** Wire packets that this one, still whole, stood for. */
  readonly segments: number;
  readonly hop: IoamHop;
}

/** The report in the {@link ExportRecord} at `offset`; null when what it holds is no entry. Never throws. */
export const exportReport = (bytes: Uint8Array, offset: number): ExportReport | null => {
  const { hops, malformed, namespaceId, traceType } = decodeIoamTrace(
    bytes,
    offset + exportOffsets.trace,
    readU16(bytes, offset + exportOffsets.traceLength),
  );
  const [hop] = hops;
  if (malformed !== undefined || hop === undefined) return null;
  const flags = bytes[offset + exportOffsets.extensionFlags]!;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    ifindex: readU32(bytes, offset + exportOffsets.ifindex),
    timestampNs: readU64(bytes, offset + exportOffsets.timestampNs),
    source: formatAddress("ipv6", bytes, offset + exportOffsets.source),
    destination: formatAddress("ipv6", bytes, offset + exportOffsets.destination),
    protocol: protocolName(bytes[offset + exportOffsets.protocol]!),
    namespaceId,
    traceType,
    flowId: has(ExtensionFlag.FlowId) ? readU32(bytes, offset + exportOffsets.flowId) : undefined,
    sequence: has(ExtensionFlag.Sequence) ? readU32(bytes, offset + exportOffsets.sequence) : undefined,
    segments: readU16(bytes, offset + exportOffsets.segments),
    hop,
  };
};
