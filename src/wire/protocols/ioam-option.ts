/** The IOAM option (RFC 9486), with a trace in path form or Edge-to-Edge data where it holds one. */
import { decodeIoamTrace } from "../ioam/decode.ts";
import { decodeEdgeToEdge, encodeEdgeToEdge, type IoamEdgeToEdge } from "../ioam/edge-to-edge.ts";
import { encodeIoamTrace } from "../ioam/encode.ts";
import { decodeDirectExport, encodeDirectExport, type DirectExport } from "../ioam/direct-export.ts";
import { traceTypeBit } from "../ioam/fields.ts";
import { IoamOption, IoamType } from "../ioam/header.ts";
import type { IoamTrace } from "../ioam/trace.ts";
import type { OptionKind } from "../option-list.ts";

export interface IoamOptionValue {
  /** One of `IoamType`. */
  readonly ioamType: number;
  readonly reserved: number;
  /** Of a pre-allocated trace that is in order. */
  readonly trace?: IoamTrace;
  /** Of an Edge-to-Edge option that is in order. */
  readonly edgeToEdge?: IoamEdgeToEdge;
  /** Of a Direct Export option that is in order. */
  readonly directExport?: DirectExport;
  /** Of everything else: the bytes after `ioamType`. */
  readonly data?: Uint8Array;
  /** What is wrong with the trace, the Edge-to-Edge option or the Direct Export in `data`. */
  readonly malformed?: string;
}

/** Bytes of {@link IoamOption} that the option's length counts. */
const fixed = IoamOption.size - 2;

const ioamKind = <Name extends string>(kind: Name, type: number): OptionKind<Name, IoamOptionValue> => ({
  kind,
  type,
  alignment: { every: 4, plus: 0 },

  decode(bytes, offset, length) {
    if (length < fixed) return null;
    const reserved = bytes[offset]!;
    const ioamType = bytes[offset + 1]!;
    const data = bytes.subarray(offset + fixed, offset + length);
    if (ioamType === IoamType.EdgeToEdge) {
      const edgeToEdge = decodeEdgeToEdge(data, 0, data.length);
      return typeof edgeToEdge === "object"
        ? { ioamType, reserved, edgeToEdge }
        : { ioamType, reserved, data, malformed: edgeToEdge };
    }
    if (ioamType === IoamType.DirectExport) {
      const found = decodeDirectExport(data, 0, data.length);
      return typeof found === "string"
        ? { ioamType, reserved, data, malformed: found }
        : { ioamType, reserved, directExport: found };
    }
    if (ioamType !== IoamType.PreallocatedTrace) return { ioamType, reserved, data };
    const trace = decodeIoamTrace(data, 0, data.length);
    return trace.malformed === undefined
      ? { ioamType, reserved, trace }
      : { ioamType, reserved, data, malformed: trace.malformed };
  },

  encode({ ioamType, reserved, trace, edgeToEdge, directExport, data = new Uint8Array(0) }) {
    let content = data;
    if (trace !== undefined) content = encodeIoamTrace(trace);
    else if (edgeToEdge !== undefined) content = encodeEdgeToEdge(edgeToEdge);
    else if (directExport !== undefined) content = encodeDirectExport(directExport);
    const bytes = new Uint8Array(fixed + content.length);
    bytes[0] = reserved;
    bytes[1] = ioamType;
    bytes.set(content, fixed);
    return bytes;
  },

  text(bytes, offset, length) {
    if (length < fixed) return "ioam [bad opt]";
    const ioamType = bytes[offset + 1]!;
    if (ioamType === IoamType.EdgeToEdge)
      return `ioam e2e ${edgeToEdgeText(decodeEdgeToEdge(bytes, offset + fixed, length - fixed))}`;
    if (ioamType === IoamType.DirectExport)
      return `ioam direct export ${exportText(decodeDirectExport(bytes, offset + fixed, length - fixed))}`;
    if (ioamType !== IoamType.PreallocatedTrace) return `ioam ${typeNames[ioamType] ?? `type ${ioamType}`}`;
    return `ioam ${traceText(decodeIoamTrace(bytes, offset + fixed, length - fixed))}`;
  },
});

/** Data that nodes write into on the way: traces. */
export const ioamOption: OptionKind<"ioam", IoamOptionValue> = ioamKind("ioam", 0x31);
/** Data that stays as it is: Direct Export. */
export const ioamUnchangedOption: OptionKind<"ioamUnchanged", IoamOptionValue> = ioamKind("ioamUnchanged", 0x11);

/** `ns 123, type 0xf00000, flow 7, seq 9` */
const exportText = (found: DirectExport | string): string => {
  if (typeof found === "string") return `[${found}]`;
  const { namespaceId, traceType, flowId, sequence } = found;
  const extensions = `${flowId === undefined ? "" : `, flow ${flowId}`}${sequence === undefined ? "" : `, seq ${sequence}`}`;
  return `ns ${namespaceId}, type 0x${traceType.toString(16).padStart(6, "0")}${extensions}`;
};

/** `ns 123, seq 46, time 1763673600.000123` */
const edgeToEdgeText = (option: ReturnType<typeof decodeEdgeToEdge>): string => {
  if (typeof option !== "object") return `[${option}]`;
  const { namespaceId, sequence, shortSequence, timestampSeconds, timestampFraction } = option;
  const number = sequence ?? shortSequence;
  const time = [
    timestampSeconds,
    timestampFraction === undefined ? undefined : String(timestampFraction).padStart(6, "0"),
  ];
  const present = time.filter((part) => part !== undefined);
  return (
    `ns ${namespaceId}${number === undefined ? "" : `, seq ${number}`}` +
    (present.length === 0 ? "" : `, time ${present.join(".")}`)
  );
};

/** `trace ns 123, type 0xf60000, free 6 words, nodes 2 3` */
const traceText = ({ namespaceId, traceType, flags, remainingWords, hops, malformed }: IoamTrace): string => {
  if (malformed !== undefined) return `trace [${malformed}]`;
  const set = `${flags.overflow ? "O" : ""}${flags.loopback ? "L" : ""}${flags.active ? "A" : ""}`;
  const ids = (traceType & (traceTypeBit(0) | traceTypeBit(8))) !== 0;
  const nodes = ids
    ? hops.map(({ nodeId, nodeIdWide }) => ` ${nodeId ?? nodeIdWide ?? "?"}`).join("")
    : ` (${hops.length})`;
  return (
    `trace ns ${namespaceId}, type 0x${traceType.toString(16).padStart(6, "0")}, ` +
    `${set === "" ? "" : `flags [${set}], `}free ${remainingWords} words, nodes${nodes}`
  );
};

const typeNames: Readonly<Record<number, string>> = {
  [IoamType.IncrementalTrace]: "incremental trace",
  [IoamType.ProofOfTransit]: "proof of transit",
};
