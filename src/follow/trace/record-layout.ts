/** Where the values of a {@link TraceRecord} lie, for readers that make no object of it. */
import { TraceRecord } from "../../mark/ioam/record.ts";
import { fieldOf } from "../../wire/codec.ts";

const offsetOf = (name: string): number => fieldOf(TraceRecord, name).bitOffset / 8;

/** Bytes from the start of the record. Integers are little-endian, addresses as on the wire. */
export const recordOffsets = {
  timestampNs: offsetOf("timestampNs"),
  e2eSequence: offsetOf("e2eSequence"),
  e2eTimestampNs: offsetOf("e2eTimestampNs"),
  source: offsetOf("source"),
  destination: offsetOf("destination"),
  outerSource: offsetOf("outerSource"),
  outerDestination: offsetOf("outerDestination"),
  packetLength: offsetOf("packetLength"),
  ifindex: offsetOf("ifindex"),
  protocol: offsetOf("protocol"),
  isTunnelled: offsetOf("isTunnelled"),
  outcome: offsetOf("outcome"),
  segments: offsetOf("segments"),
  sourcePort: offsetOf("sourcePort"),
  destinationPort: offsetOf("destinationPort"),
  traceLength: offsetOf("traceLength"),
  e2eType: offsetOf("e2eType"),
  trace: offsetOf("trace"),
} as const;

/**
 * In place of an IOAM-E2E-Type, in records that were joined from reports (Direct Export): the sequence number then is their
 * flow id above the 32 bits of their own sequence number. A sink never writes it.
 */
export const REPORTED = 0x0001;

/** In place of a protocol number, where whoever made the record saw the trace alone: addresses and ports are zero then. */
export const UNKNOWN_PROTOCOL = 255;

/** Reads a little-endian u64. */
export const readU64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at));

/** Reads a little-endian u16. */
export const readU16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

/** Reads a little-endian u32. */
export const readU32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** When the sink made the record, µs since 1970: exact, the nanoseconds beyond it are left out. */
export const recordTimeUs = (bytes: Uint8Array, offset: number): number => {
  const at = offset + recordOffsets.timestampNs;
  const high = readU32(bytes, at + 4);
  // 2^32 ns are 4,294,967 µs and 296 ns: so nothing passes 2^53.
  return high * 4_294_967 + Math.floor((high * 296 + readU32(bytes, at)) / 1000);
};
