/** What a pre-allocated trace, or Direct Export, costs on a path: bytes of each node, of each packet, and what is left for the packet itself. */
import { tunnelOverhead, type OuterFamily, type TunnelKind } from "../tunnel-overhead.ts";
import { ioamFields, maxTraceData, nodeLengthOf, opaqueStateBit, traceTypeBit } from "./fields.ts";
import { directExportShape, edgeToEdgeShape, layOutHopByHop, traceShape } from "./hop-by-hop.ts";

/** `encap` puts an outer IPv6 header in front. */
export type InsertionMode = "inline" | "encap";

/** Every IPv6 link carries packets of this size (RFC 8200, section 5). */
export const ipv6MinimumMtu = 1280;

const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES = 20;
/** Nodes that a hop limit can count. */
const MOST_HOP_LIMIT = 255;

export interface PlanRequest {
  /** 24 bits, RFC 9197 bit 0 the most significant; undefined bits are counted as 4 bytes. */
  readonly traceType: number;
  /** Nodes that write into the trace, the encapsulating one and the sink among them. */
  readonly hops: number;
  /** Bytes of trace data to ask for; what those hops take that find room, when not given. */
  readonly size?: number | undefined;
  readonly mode: InsertionMode;
  /** With an Edge-to-Edge option besides. */
  readonly edgeToEdge?: boolean | undefined;
  /** Nodes report in place of writing (RFC 9326): the packet carries no data, whatever `hops` are. */
  readonly directExport?: boolean | undefined;
  /** A tunnel around the traced packets somewhere on the path. */
  readonly tunnel?: { readonly kind: TunnelKind; readonly outer: OuterFamily } | undefined;
  /** The smallest MTU on the path, in bytes. */
  readonly linkMtu: number;
  /** 4-byte words of the longest schema on the path, for bit 22. */
  readonly schemaWords: number;
}

/** A part of what is inserted, or of a node's entry, in bytes. */
export interface PlanPart {
  readonly name: string;
  readonly bytes: number;
}

export interface TracePlan {
  readonly traceType: number;
  readonly hops: number;
  readonly mode: InsertionMode;
  readonly edgeToEdge: boolean;
  readonly directExport: boolean;
  /** What one node writes, or reports. */
  readonly fields: readonly (PlanPart & { readonly bit: number })[];
  readonly nodeBytes: number;
  /** What all hops write into the packet; more than {@link maxTraceData} does not fit. */
  readonly dataBytes: number;
  /** Bytes of trace data to ask for. */
  readonly size: number;
  /** The most nodes that fit into `size`. */
  readonly roomForHops: number;
  /** The most nodes that fit into any trace of this type. */
  readonly mostHops: number;
  /** What is inserted, in the order of the wire, and their sum. */
  readonly header: readonly PlanPart[];
  readonly insertedBytes: number;
  readonly linkMtu: number;
  readonly tunnel: (PlanPart & { readonly outer: OuterFamily }) | null;
  /** The longest packet that still fits after insertion. */
  readonly mtu: number;
  /** The largest TCP segment in it, without TCP options. */
  readonly tcpMss: number;
}

/** Calculates only: what is too much is in the figures, and {@link narrowerType} says what would fit. */
export const planTrace = (request: PlanRequest): TracePlan => {
  const { traceType, hops, mode, linkMtu } = request;
  const nodeBytes = nodeBytesOf(traceType, request.schemaWords);
  const directExport = request.directExport ?? false;
  const dataBytes = directExport ? 0 : nodeBytes * hops;
  const size = directExport ? 0 : (request.size ?? enoughFor(hops, nodeBytes));
  const edgeToEdge = request.edgeToEdge ?? false;
  const header = directExport ? exportParts(mode) : insertedParts(size, mode, edgeToEdge);
  const insertedBytes = sum(header);
  const tunnel =
    request.tunnel === undefined
      ? null
      : {
          name: request.tunnel.kind,
          outer: request.tunnel.outer,
          bytes: tunnelOverhead(request.tunnel.kind, request.tunnel.outer),
        };
  const mtu = linkMtu - insertedBytes - (tunnel?.bytes ?? 0);
  return {
    traceType,
    hops,
    mode,
    edgeToEdge,
    directExport,
    fields: fieldsOf(traceType, request.schemaWords),
    nodeBytes,
    dataBytes,
    size,
    roomForHops: directExport ? hops : Math.floor(size / nodeBytes),
    mostHops: directExport ? MOST_HOP_LIMIT : Math.floor(maxTraceData / nodeBytes),
    header,
    insertedBytes,
    linkMtu,
    tunnel,
    mtu,
    tcpMss: mtu - IPV6_HEADER_BYTES - TCP_HEADER_BYTES,
  };
};

/** Of nodes that do not fit, room for as many as do; of one that does not, all there is. */
const enoughFor = (hops: number, nodeBytes: number): number => {
  const most = Math.floor(maxTraceData / nodeBytes);
  return most === 0 ? maxTraceData : Math.min(hops, most) * nodeBytes;
};

/** Bytes that a node writes for a trace type; `schemaWords` of opaque data with bit 22. */
export const nodeBytesOf = (traceType: number, schemaWords: number): number =>
  nodeLengthOf(traceType) * 4 + ((traceType & opaqueStateBit) === 0 ? 0 : 4 + schemaWords * 4);

/** Bytes by which insertion makes a packet longer. */
export const insertedBytesOf = (size: number, mode: InsertionMode, edgeToEdge = false): number =>
  sum(insertedParts(size, mode, edgeToEdge));

/** RFC 8200, section 4.3, with the options at 4n as RFC 9486, section 3, has it. */
const insertedParts = (size: number, mode: InsertionMode, edgeToEdge: boolean): PlanPart[] => {
  const options = edgeToEdge ? [traceShape(size), edgeToEdgeShape] : [traceShape(size)];
  const parts = [
    { name: "Hop-by-Hop header and PadN", bytes: 4 },
    { name: "IOAM option", bytes: 4 },
    { name: "trace header", bytes: 8 },
    { name: "trace data", bytes: size },
    ...(edgeToEdge ? [{ name: "edge-to-edge option", bytes: edgeToEdgeShape.bytes }] : []),
  ];
  return [...outerParts(mode), ...parts, ...paddingParts(layOutHopByHop(options).bytes - sum(parts))];
};

/** RFC 9326, section 3.1, with both extensions. */
const exportParts = (mode: InsertionMode): PlanPart[] => {
  const parts = [
    { name: "Hop-by-Hop header and PadN", bytes: 4 },
    { name: "IOAM option", bytes: 4 },
    { name: "Direct Export header", bytes: 8 },
    { name: "flow id, sequence number", bytes: 8 },
  ];
  return [...outerParts(mode), ...parts, ...paddingParts(layOutHopByHop([directExportShape]).bytes - sum(parts))];
};

const outerParts = (mode: InsertionMode): PlanPart[] =>
  mode === "encap" ? [{ name: "outer IPv6 header", bytes: IPV6_HEADER_BYTES }] : [];

const paddingParts = (bytes: number): PlanPart[] => (bytes === 0 ? [] : [{ name: "PadN", bytes }]);

const fieldsOf = (traceType: number, schemaWords: number): TracePlan["fields"] =>
  ioamFields
    .filter(({ bit, size }) => size > 0 && (traceType & traceTypeBit(bit)) !== 0)
    .map(({ bit, size, variable, layout }) => ({
      bit,
      name: layout?.name.replace(/^IOAM /, "") ?? `bit ${bit}`,
      bytes: size + (variable ? schemaWords * 4 : 0),
    }));

/** What is missed least first: what few nodes know, then what others say more shortly, then times and ids. */
const DROP_ORDER = [7, 11, 22, 8, 9, 10, 5, 6, 1, 4, 3, 2];

/** The type's node id, which Edge-to-Edge options need (RFC 9197's bit 0, else bit 8). */
const nodeIdBit = (traceType: number): number => traceType & traceTypeBit(0) || traceType & traceTypeBit(8);

/**
 * The trace type with the fewest fields less of which every one of `hops` nodes finds room for its data; null when none is left.
 * With an Edge-to-Edge option besides, a node id is kept.
 */
export const narrowerType = (
  traceType: number,
  hops: number,
  schemaWords: number,
  edgeToEdge = false,
): number | null => {
  let narrower = traceType;
  const kept = edgeToEdge ? nodeIdBit(traceType) : 0;
  for (const bit of DROP_ORDER) {
    if (nodeBytesOf(narrower, schemaWords) * hops <= maxTraceData) break;
    if ((traceTypeBit(bit) & kept) === 0 && (narrower & ~traceTypeBit(bit)) !== 0) narrower &= ~traceTypeBit(bit);
  }
  return nodeBytesOf(narrower, schemaWords) * hops <= maxTraceData
    ? restored(traceType, narrower, hops, schemaWords)
    : null;
};

/** Gives back what turned out to fit all the same, the last dropped first. */
const restored = (traceType: number, narrower: number, hops: number, schemaWords: number): number =>
  DROP_ORDER.toReversed().reduce((type, bit) => {
    const wider = type | (traceType & traceTypeBit(bit));
    return nodeBytesOf(wider, schemaWords) * hops <= maxTraceData ? wider : type;
  }, narrower);

const sum = (parts: readonly PlanPart[]): number => parts.reduce((total, { bytes }) => total + bytes, 0);
