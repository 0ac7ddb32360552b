/** One packet's path as the object that `--json` prints and the picture is drawn from. */
import { readU16, readU32, readU64, recordOffsets, REPORTED } from "./record-layout.ts";
import { formatAddress } from "../../wire/address.ts";
import { decodeIoamTrace } from "../../wire/ioam/decode.ts";
import type { IoamHop, IoamTrace } from "../../wire/ioam/trace.ts";
import { protocolName } from "./protocol-name.ts";

/** Node id to name, as the lab knows them. */
export type NodeNames = ReadonlyMap<number, string>;

/** What one node wrote. `node` is null when its id has no name here; keys of bits that the trace lacks are absent. */
export type PathHop = IoamHop & { readonly node?: string | null };

export interface PathObject {
  readonly type: "path";
  readonly namespaceId: number;
  /** `0xfe0000` */
  readonly traceType: string;
  readonly source: string;
  readonly destination: string;
  /** `icmpv6`, `tcp`, `udp`, else the number. */
  readonly protocol: string;
  /** The ends of the tunnel that carried it; absent when it was in none. */
  readonly tunnel?: { readonly source: string; readonly destination: string };
  /** The packet's number and when it was sent, in decimal; absent when it was not numbered. */
  readonly edgeToEdge?: { readonly sequence: string; readonly timestampNs?: string };
  /** What the reports that it was joined from call the packet; absent when it had a trace. */
  readonly directExport?: { readonly flowId: number; readonly sequence: number };
  /** Wire packets that this one, still whole, stands for. */
  readonly segments: number;
  readonly flags: IoamTrace["flags"];
  readonly remainingWords: number;
  /** In path order. */
  readonly hops: readonly PathHop[];
  /** What is wrong with the trace; `hops` are those found before it. */
  readonly malformed?: string;
}

/** The object of the {@link TraceRecord} at `offset`; nothing in it refers to the bytes. Never throws. */
export const pathObject = (bytes: Uint8Array, offset: number, names: NodeNames): PathObject => {
  const length = readU16(bytes, offset + recordOffsets.traceLength);
  const trace = decodeIoamTrace(bytes, offset + recordOffsets.trace, length);
  return {
    type: "path",
    namespaceId: trace.namespaceId,
    traceType: `0x${trace.traceType.toString(16).padStart(6, "0")}`,
    source: formatAddress("ipv6", bytes, offset + recordOffsets.source),
    destination: formatAddress("ipv6", bytes, offset + recordOffsets.destination),
    protocol: protocolName(bytes[offset + recordOffsets.protocol]!),
    ...(bytes[offset + recordOffsets.isTunnelled] === 1 && {
      tunnel: {
        source: formatAddress("ipv6", bytes, offset + recordOffsets.outerSource),
        destination: formatAddress("ipv6", bytes, offset + recordOffsets.outerDestination),
      },
    }),
    ...edgeToEdgeOf(bytes, offset),
    segments: readU16(bytes, offset + recordOffsets.segments),
    flags: trace.flags,
    remainingWords: trace.remainingWords,
    hops: trace.hops.map((hop) => inReadingOrder(hop, names)),
    ...(trace.malformed !== undefined && { malformed: trace.malformed }),
  };
};

const edgeToEdgeOf = (bytes: Uint8Array, offset: number): Pick<PathObject, "edgeToEdge" | "directExport"> => {
  const type = readU16(bytes, offset + recordOffsets.e2eType);
  if (type === 0) return {};
  if (type === REPORTED) {
    const at = offset + recordOffsets.e2eSequence;
    return { directExport: { flowId: readU32(bytes, at + 4), sequence: readU32(bytes, at) } };
  }
  const sequence = readU64(bytes, offset + recordOffsets.e2eSequence).toString();
  const timestampNs = readU64(bytes, offset + recordOffsets.e2eTimestampNs);
  return { edgeToEdge: { sequence, ...(timestampNs !== 0n && { timestampNs: timestampNs.toString() }) } };
};

/** Who and where, then when, then the rest as the trace has it. */
const inReadingOrder = (hop: IoamHop, names: NodeNames): PathHop => {
  const { nodeId, ingressId, egressId, hopLimit, timestampNs, transitDelayNs, queueDepth, ...rest } = hop;
  const id = nodeId ?? hop.nodeIdWide;
  return {
    ...(nodeId !== undefined && { nodeId }),
    ...(id !== undefined && { node: id === null ? null : (names.get(Number(id)) ?? null) }),
    ...(ingressId !== undefined && { ingressId }),
    ...(egressId !== undefined && { egressId }),
    ...(hopLimit !== undefined && { hopLimit }),
    ...(timestampNs !== undefined && { timestampNs }),
    ...(transitDelayNs !== undefined && { transitDelayNs }),
    ...(queueDepth !== undefined && { queueDepth }),
    ...rest,
  };
};
