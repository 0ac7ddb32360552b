/**
 * What a node reports as lines of JSON, so that another machine can join it with what others do: who the node is, then
 * reports as they come, each time with the node's counters at that time, and an end.
 */
import { ExportRecord, MAX_TRACE_BYTES } from "../../../mark/ioam/record.ts";
import type { CounterValues } from "../loss.ts";
import type { NodeNames } from "../path-object.ts";
import { readU16 } from "../record-layout.ts";
import { countersFrom, isObject, jsonText, wholeOf, type JsonObject } from "../recording/session-json.ts";
import { exportOffsets } from "./export-layout.ts";

/** The first line. */
export interface ReportingNode {
  /** How a person names it: its host's name, with the namespace where that is another than the host's. */
  readonly node: string;
  readonly devices: readonly { readonly index: number; readonly name: string }[];
  /** The names of those where packets end. */
  readonly ends: readonly string[];
  /** Bytes before the IP header, which records count in their length. */
  readonly linkHeaderBytes: number;
  readonly names: NodeNames;
}

/** Each other line: what came since the last one. */
export interface ReportBatch {
  /** Wall clock, ns. */
  readonly atNs: bigint;
  /** `ExportRecord`s, one behind the other, each as long as {@link usedBytes} says. */
  readonly records: Uint8Array;
  /** By device. */
  readonly counts: ReadonlyMap<string, CounterValues>;
  /** Flow ids by which the node asks for reports. */
  readonly inserts: readonly number[];
  /** Nothing comes after it, and nothing is missing. */
  readonly ended: boolean;
}

/** How many bytes of the `ExportRecord` at `offset` say something: behind them is room for longer traces. */
export const usedBytes = (bytes: Uint8Array, offset: number): number =>
  exportOffsets.trace + readU16(bytes, offset + exportOffsets.traceLength);

/** Of the lines, and of the records in them: both sides must have the same. */
const FORMAT = 1;

export const nodeLine = ({ names, ...node }: ReportingNode): string =>
  lineOf({ type: "node", format: FORMAT, recordBytes: ExportRecord.size, ...node, names: Object.fromEntries(names) });

export const batchLine = ({ atNs, records, counts, inserts, ended }: ReportBatch): string =>
  lineOf({
    type: "reports",
    atNs,
    records: Buffer.from(records.buffer, records.byteOffset, records.byteLength).toString("base64"),
    counts: Object.fromEntries(counts),
    inserts,
    ...(ended && { ended }),
  });

/** The node; a text that says what is wrong otherwise. */
export const parseNodeLine = (line: string): ReportingNode | string => {
  const value = parsed(line);
  if (value?.["type"] !== "node") return "it does not begin with a node's line";
  const { format, recordBytes, node, devices, ends, linkHeaderBytes, names } = value;
  if (format !== FORMAT || recordBytes !== ExportRecord.size)
    return "another version of hopmark wrote it: have the same on all machines";
  if (typeof node !== "string" || !Array.isArray(devices) || !Array.isArray(ends) || !isObject(names)) return BROKEN;
  return {
    node,
    devices: devices.flatMap((device: unknown) =>
      isObject(device) && typeof device["index"] === "number" && typeof device["name"] === "string"
        ? [{ index: device["index"], name: device["name"] }]
        : [],
    ),
    ends: ends.filter((name: unknown) => typeof name === "string"),
    linkHeaderBytes: typeof linkHeaderBytes === "number" ? linkHeaderBytes : 0,
    names: new Map(
      Object.entries(names).flatMap(([id, name]) => (typeof name === "string" ? [[Number(id), name]] : [])),
    ),
  };
};

/** The batch; a text that says what is wrong otherwise. */
export const parseBatchLine = (line: string): ReportBatch | string => {
  const value = parsed(line);
  if (value?.["type"] !== "reports") return BROKEN;
  const { records, counts, inserts, ended } = value;
  const atNs = wholeOf(value["atNs"]);
  if (atNs === null || typeof records !== "string" || !isObject(counts) || !Array.isArray(inserts)) return BROKEN;
  const bytes = Buffer.from(records, "base64");
  if (!areWhole(bytes)) return BROKEN;
  return {
    atNs,
    records: bytes,
    counts: new Map(Object.entries(counts).map(([device, values]) => [device, countersFrom(values)])),
    inserts: inserts.filter((flowId: unknown) => typeof flowId === "number"),
    ended: ended === true,
  };
};

const BROKEN = "has a line that is none of a node's reports";

/** Whether they end where a record does. */
const areWhole = (bytes: Uint8Array): boolean => {
  let offset = 0;
  while (offset + exportOffsets.trace <= bytes.length) {
    if (readU16(bytes, offset + exportOffsets.traceLength) > MAX_TRACE_BYTES) return false;
    offset += usedBytes(bytes, offset);
  }
  return offset === bytes.length;
};

const lineOf = (value: object): string => `${jsonText(value)}\n`;

const parsed = (line: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
