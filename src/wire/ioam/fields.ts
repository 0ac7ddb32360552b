/**
 * The table of what a node can write into an IOAM trace: RFC 9197, section 4.4.2. Node length, reader, decoder, encoder
 * and JSON all come from it. A new field is one row here, one key in `IoamHop`, and a golden packet.
 */
import { be16, be24, be32, be56, be64, header, u8, type FieldType, type Layout } from "../layout.ts";

/** What a node can write for one bit of the trace type. */
export interface IoamField {
  /** Position in the trace type, 0 the most significant of its 24 bits. */
  readonly bit: number;
  /** What the node writes; null for the reserved bit 23, which stands for no data. */
  readonly layout: Layout | null;
  /** Bytes, of the fixed part where there is more. */
  readonly size: 0 | 4 | 8;
  /** Values are bit patterns, not quantities: they read as `0x…`. Others read as numbers, past 48 bits as strings of decimals. */
  readonly hex: boolean;
  /** The field's end depends on its first byte; it comes after all others and does not count in the node length. */
  readonly variable: boolean;
}

const field = (
  bit: number,
  name: string,
  section: string,
  types: Readonly<Record<string, FieldType>>,
  { hex = false, variable = false } = {},
): IoamField => {
  const layout = header(`IOAM ${name}`, `RFC 9197, section ${section}`, types);
  return { bit, layout, size: layout.size as 4 | 8, hex, variable };
};

const undefinedField = (bit: number): IoamField =>
  field(bit, `bit ${bit}`, "4.4.1", { [`bit${bit}`]: be32 }, { hex: true });

/** All 24 bits, in the order in which their data lies in a node's entry. */
export const ioamFields: readonly IoamField[] = [
  field(0, "hop limit and node id", "4.4.2.1", { hopLimit: u8, nodeId: be24 }),
  field(1, "interface ids", "4.4.2.2", { ingressId: be16, egressId: be16 }),
  field(2, "timestamp seconds", "4.4.2.3", { timestampSeconds: be32 }),
  field(3, "timestamp fraction", "4.4.2.4", { timestampFraction: be32 }),
  field(4, "transit delay", "4.4.2.5", { transitDelayNs: be32 }),
  field(5, "namespace data", "4.4.2.6", { namespaceData: be32 }, { hex: true }),
  field(6, "queue depth", "4.4.2.7", { queueDepth: be32 }),
  field(7, "checksum complement", "4.4.2.8", { checksumComplement: be32 }),
  field(8, "hop limit and node id, wide", "4.4.2.9", { hopLimitWide: u8, nodeIdWide: be56 }),
  field(9, "interface ids, wide", "4.4.2.10", { ingressIdWide: be32, egressIdWide: be32 }),
  field(10, "namespace data, wide", "4.4.2.11", { namespaceDataWide: be64 }, { hex: true }),
  field(11, "buffer occupancy", "4.4.2.12", { bufferOccupancy: be32 }),
  undefinedField(12),
  undefinedField(13),
  undefinedField(14),
  undefinedField(15),
  undefinedField(16),
  undefinedField(17),
  undefinedField(18),
  undefinedField(19),
  undefinedField(20),
  undefinedField(21),
  field(22, "opaque state snapshot", "4.4.2.13", { opaqueLength: u8, schemaId: be24 }, { variable: true }),
  { bit: 23, layout: null, size: 0, hex: false, variable: false },
];

/** The mask of a bit of the trace type: bit 0 is 0x800000. */
export const traceTypeBit = (bit: number): number => 0x80_0000 >>> bit;

/** Bits that RFC 9197 leaves undefined or reserves: an encapsulating node must not set them. */
export const undefinedTraceBits: number = ioamFields
  .filter(({ bit }) => (bit >= 12 && bit <= 21) || bit === 23)
  .reduce((mask, { bit }) => mask | traceTypeBit(bit), 0);

/** The mask of bit 22 of the trace type: an opaque state snapshot of variable length. */
export const opaqueStateBit: number = traceTypeBit(22);

/** 4-byte words that a node writes for a trace type, without the opaque state snapshot: the header's `nodeLength`. */
export const nodeLengthOf = (traceType: number): number => {
  let bytes = 0;
  for (const { bit, size, variable } of ioamFields) {
    if (!variable && (traceType & traceTypeBit(bit)) !== 0) bytes += size;
  }
  return bytes / 4;
};

/** The longest data area of a trace, in bytes: an option's length is one byte, and counts 10 bytes of headers. */
export const maxTraceData = 244;
