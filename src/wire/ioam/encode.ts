/** IOAM traces from path form to bytes. */
import { writeLayout } from "../codec.ts";
import { fromHex } from "../hex.ts";
import { writeBits, writeInteger } from "../integer.ts";
import { maxTraceData, nodeLengthOf, opaqueStateBit, traceTypeBit } from "./fields.ts";
import { IoamTraceHeader } from "./header.ts";
import { ioamColumns, type IoamColumn } from "./trace-reader.ts";
import type { IoamHop, IoamTrace } from "./trace.ts";

/** A trace as {@link encodeIoamTrace} takes it. What a hop leaves out is written as all ones. */
export type IoamTraceInput = Pick<IoamTrace, "namespaceId" | "traceType" | "hops"> &
  Partial<Pick<IoamTrace, "nodeLength" | "remainingWords" | "free" | "reserved">> & {
    readonly flags?: Partial<IoamTrace["flags"]>;
    /** Bytes of the data area. Without it, or `remainingWords`, exactly what the hops take. */
    readonly size?: number;
  };

/**
 * Trace header and data area. Throws an Error when the hops do not fit in `size`, or that is not a multiple of 4 up to 244.
 */
export const encodeIoamTrace = (trace: IoamTraceInput): Uint8Array => {
  // In memory the newest entry comes first.
  const entries = trace.hops.map((hop) => encodeHop(trace.traceType, hop)).reverse();
  const used = entries.reduce((sum, entry) => sum + entry.length, 0);
  const size = trace.size ?? used + (trace.remainingWords ?? 0) * 4;
  if (size % 4 !== 0 || size > maxTraceData) {
    throw new Error(`a trace of ${size} bytes: its data is a multiple of 4, up to ${maxTraceData}`);
  }
  if (used > size) throw new Error(`${entries.length} hops take ${used} bytes, more than the trace's ${size}`);
  const bytes = new Uint8Array(IoamTraceHeader.size + size);
  const { reserved = 0, flags = {} } = trace;
  writeLayout(
    IoamTraceHeader,
    {
      namespaceId: trace.namespaceId,
      nodeLength: trace.nodeLength ?? nodeLengthOf(trace.traceType),
      overflow: Number(flags.overflow ?? false),
      loopback: Number(flags.loopback ?? false),
      active: Number(flags.active ?? false),
      reservedFlag: reserved >> 8,
      remainingLength: trace.remainingWords ?? (size - used) / 4,
      traceType: trace.traceType,
      reserved,
    },
    bytes,
    0,
  );
  if (trace.free !== undefined) bytes.set(fromHex(trace.free).subarray(0, size - used), IoamTraceHeader.size);
  let at = bytes.length - used;
  for (const entry of entries) {
    bytes.set(entry, at);
    at += entry.length;
  }
  return bytes;
};

const encodeHop = (traceType: number, hop: IoamHop): Uint8Array => {
  const fixed = nodeLengthOf(traceType) * 4;
  const opaque = (traceType & opaqueStateBit) === 0 ? undefined : (hop.opaqueState ?? noOpaqueState);
  const data = opaque === undefined ? new Uint8Array(0) : fromHex(opaque.data);
  if (data.length % 4 !== 0 || data.length > 255 * 4) {
    throw new Error(`an opaque state of ${data.length} bytes: its data is a multiple of 4, up to ${255 * 4}`);
  }
  const bytes = new Uint8Array(fixed + (opaque === undefined ? 0 : 4 + data.length));
  const values = splitValues(hop);
  let at = 0;
  for (const column of ioamColumns) {
    if ((traceType & traceTypeBit(column.bit)) === 0) continue;
    const size = column.type.bits / 8;
    writeColumn(column, values[column.name], bytes, at);
    at += size;
  }
  if (opaque !== undefined) {
    bytes[fixed] = data.length / 4;
    writeBits(opaque.schemaId ?? 0xff_ffff, bytes, (fixed + 1) * 8, 24);
    bytes.set(data, fixed + 4);
  }
  return bytes;
};

const noOpaqueState = { schemaId: null, length: 0, data: "0x" } as const;

type Value = number | string | null | undefined;

/** Undoes what decoding merged. */
const splitValues = (hop: IoamHop): Readonly<Record<string, Value>> => {
  const { opaqueState: _, timestampNs, ...values } = hop;
  const split: Record<string, Value> = { ...values };
  split["hopLimitWide"] ??= hop.hopLimitWide === undefined ? hop.hopLimit : null;
  if (typeof timestampNs === "string") {
    const microseconds = BigInt(timestampNs) / 1000n;
    split["timestampSeconds"] = Number(microseconds / 1_000_000n);
    split["timestampFraction"] = Number(microseconds % 1_000_000n);
  }
  return split;
};

const writeColumn = ({ type, hex }: IoamColumn, value: Value, bytes: Uint8Array, at: number): void => {
  const size = type.bits / 8;
  if (value === undefined || value === null) {
    bytes.fill(0xff, at, at + size);
  } else if (hex) {
    const pattern = fromHex(String(value));
    if (pattern.length !== size) throw new Error(`${String(value)} is not ${size} bytes`);
    bytes.set(pattern, at);
  } else {
    writeInteger(type, type.bits > 48 ? BigInt(value) : Number(value), bytes, at);
  }
};
