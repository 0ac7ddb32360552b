/** Where the values of an {@link ExportRecord} lie, for readers that make no object of it. */
import { ExportRecord } from "../../../mark/ioam/record.ts";
import { fieldOf } from "../../../wire/codec.ts";

const offsetOf = (name: string): number => fieldOf(ExportRecord, name).bitOffset / 8;

/** Bytes from the start of the record. Integers are little-endian, addresses and the trace as on the wire. */
export const exportOffsets = {
  timestampNs: offsetOf("timestampNs"),
  source: offsetOf("source"),
  destination: offsetOf("destination"),
  outerSource: offsetOf("outerSource"),
  outerDestination: offsetOf("outerDestination"),
  packetLength: offsetOf("packetLength"),
  ifindex: offsetOf("ifindex"),
  flowId: offsetOf("flowId"),
  sequence: offsetOf("sequence"),
  segments: offsetOf("segments"),
  sourcePort: offsetOf("sourcePort"),
  destinationPort: offsetOf("destinationPort"),
  traceLength: offsetOf("traceLength"),
  extensionFlags: offsetOf("extensionFlags"),
  protocol: offsetOf("protocol"),
  isTunnelled: offsetOf("isTunnelled"),
  hopLimit: offsetOf("hopLimit"),
  stage: offsetOf("stage"),
  trace: offsetOf("trace"),
} as const;
