/** IOAM trace bytes to path form. */
import { toHex } from "../hex.ts";
import { readBits, readInteger } from "../integer.ts";
import { IoamTraceHeader } from "./header.ts";
import { columnOf, ioamColumns, TraceReader } from "./trace-reader.ts";
import type { IoamHop, IoamOpaqueState, IoamTrace } from "./trace.ts";

const reader = new TraceReader();

/** Decodes the trace whose header is at `offset`, `length` bytes with its data. Never throws: `malformed` says what is wrong. */
export const decodeIoamTrace = (bytes: Uint8Array, offset: number, length: number): IoamTrace => {
  const malformed = reader.read(bytes, offset, length) ? {} : { malformed: reader.malformed ?? "" };
  if (length < IoamTraceHeader.size || offset + length > bytes.length) return { ...empty, ...malformed };
  const hops: IoamHop[] = [];
  for (let hop = 0; hop < reader.hopCount; hop++) hops.push(decodeHop(hop));
  const reserved = ((bytes[offset + 3]! >> 7) << 8) | bytes[offset + 7]!;
  return {
    namespaceId: reader.namespaceId,
    traceType: reader.traceType,
    flags: { overflow: reader.overflow, loopback: reader.loopback, active: reader.active },
    nodeLength: reader.nodeLength,
    remainingWords: reader.remainingWords,
    hops,
    ...freeWords(bytes, offset, length),
    ...(reserved === 0 ? {} : { reserved }),
    ...malformed,
  };
};

const empty: IoamTrace = {
  namespaceId: 0,
  traceType: 0,
  flags: { overflow: false, loopback: false, active: false },
  nodeLength: 0,
  remainingWords: 0,
  hops: [],
};

const freeWords = (bytes: Uint8Array, offset: number, length: number): { free?: string } => {
  const start = offset + IoamTraceHeader.size;
  const size = Math.min(reader.remainingWords * 4, length - IoamTraceHeader.size);
  for (let at = start; at < start + size; at++) if (bytes[at] !== 0) return { free: toHex(bytes, start, size) };
  return {};
};

type Value = number | string | null;

const decodeHop = (hop: number): IoamHop => {
  const values: Record<string, Value | IoamOpaqueState> = {};
  for (const column of leading) if (reader.has(column)) values[names[column]!] = decodeValue(hop, column);
  decodeHopLimit(hop, values);
  decodeTimestamp(hop, values);
  for (const column of trailing) if (reader.has(column)) values[names[column]!] = decodeValue(hop, column);
  const opaque = reader.opaqueOffset(hop);
  if (opaque >= 0) values["opaqueState"] = decodeOpaqueState(opaque);
  return values as IoamHop;
};

const decodeValue = (hop: number, column: number): Value => {
  const { type, hex } = ioamColumns[column]!;
  if (type.bits <= 48) {
    const value = reader.value(hop, column);
    if (value < 0 || !hex) return value < 0 ? null : value;
    return toHex(reader.bytes, reader.valueOffset(hop, column), type.bits / 8);
  }
  const value = readInteger(type, reader.bytes, reader.valueOffset(hop, column)) as bigint;
  if (value === BigInt.asUintN(type.bits, -1n)) return null;
  return hex ? toHex(reader.bytes, reader.valueOffset(hop, column), type.bits / 8) : value.toString();
};

const names = ioamColumns.map(({ name }) => name);
const [hopLimit, hopLimitWide, seconds, fraction] = [
  "hopLimit",
  "hopLimitWide",
  "timestampSeconds",
  "timestampFraction",
].map(columnOf) as [number, number, number, number];
/** Columns in the order in which people read a hop: who and where, then when, then the rest. */
const leading = ["nodeId", "ingressId", "egressId"].map(columnOf);
const trailing = names
  .map((_, column) => column)
  .filter((column) => ![...leading, hopLimit, hopLimitWide, seconds, fraction].includes(column));

/** Bits 0 and 8 both carry the hop limit; people want one. */
const decodeHopLimit = (hop: number, values: Record<string, unknown>): void => {
  const short = reader.has(hopLimit);
  const wide = reader.has(hopLimitWide);
  if (short) values["hopLimit"] = decodeValue(hop, hopLimit);
  else if (wide) values["hopLimit"] = decodeValue(hop, hopLimitWide);
  if (short && wide && reader.value(hop, hopLimit) !== reader.value(hop, hopLimitWide)) {
    values["hopLimitWide"] = decodeValue(hop, hopLimitWide);
  }
};

const decodeTimestamp = (hop: number, values: Record<string, unknown>): void => {
  const both = reader.has(seconds) && reader.has(fraction);
  if (both) {
    const microseconds = reader.timestampUs(hop);
    values["timestampNs"] = microseconds < 0 ? null : `${microseconds}000`;
    const missing = reader.value(hop, seconds) < 0 && reader.value(hop, fraction) < 0;
    if (microseconds >= 0 || missing) return;
  }
  for (const column of [seconds, fraction]) if (reader.has(column)) values[names[column]!] = decodeValue(hop, column);
};

const decodeOpaqueState = (at: number): IoamOpaqueState => {
  const { bytes } = reader;
  const length = bytes[at]!;
  const schemaId = readBits(bytes, (at + 1) * 8, 24);
  return { schemaId: schemaId === 0xff_ffff ? null : schemaId, length, data: toHex(bytes, at + 4, length * 4) };
};
