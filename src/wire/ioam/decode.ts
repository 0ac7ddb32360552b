/** IOAM trace bytes to path form. */
import { toHex } from "../hex.ts";
import { readBits, readInteger } from "../integer.ts";
import { IoamTraceHeader } from "./header.ts";
import { ioamColumns, TraceReader, type IoamColumn } from "./trace-reader.ts";
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

type Values = Record<string, number | string | null | IoamOpaqueState>;

const decodeHop = (hop: number): IoamHop => {
  const values: Values = {};
  for (let column = 0; column < ioamColumns.length; column++) {
    const at = reader.valueOffset(hop, column);
    if (at >= 0) values[ioamColumns[column]!.name] = decodeValue(ioamColumns[column]!, at);
  }
  mergeHopLimits(values);
  mergeTimestamps(values);
  const opaque = reader.opaqueOffset(hop);
  if (opaque >= 0) values["opaqueState"] = decodeOpaqueState(opaque);
  return values as IoamHop;
};

const decodeValue = ({ type, hex }: IoamColumn, at: number): number | string | null => {
  const size = type.bits / 8;
  let ones = true;
  for (let index = at; ones && index < at + size; index++) ones = reader.bytes[index] === 0xff;
  if (ones) return null;
  if (hex) return toHex(reader.bytes, at, size);
  const value = readInteger(type, reader.bytes, at);
  return typeof value === "bigint" ? value.toString() : value;
};

/** Bits 0 and 8 both carry the hop limit; people want one. */
const mergeHopLimits = (values: Values): void => {
  const wide = values["hopLimitWide"];
  if (wide === undefined) return;
  if (values["hopLimit"] === undefined) values["hopLimit"] = wide;
  if (values["hopLimit"] === wide) delete values["hopLimitWide"];
};

const mergeTimestamps = (values: Values): void => {
  const { timestampSeconds: seconds, timestampFraction: fraction } = values;
  if (seconds === undefined || fraction === undefined) return;
  if (typeof seconds === "number" && typeof fraction === "number" && fraction < 1_000_000) {
    values["timestampNs"] = `${seconds * 1_000_000 + fraction}000`;
  } else {
    values["timestampNs"] = null;
    if (seconds !== null || fraction !== null) return;
  }
  delete values["timestampSeconds"];
  delete values["timestampFraction"];
};

const decodeOpaqueState = (at: number): IoamOpaqueState => {
  const { bytes } = reader;
  const length = bytes[at]!;
  const schemaId = readBits(bytes, (at + 1) * 8, 24);
  return { schemaId: schemaId === 0xff_ffff ? null : schemaId, length, data: toHex(bytes, at + 4, length * 4) };
};
