/** The traces in a captured packet, as the records that a sink would have made of them. */
import { MAX_TRACE_BYTES, TraceRecord } from "../../../mark/ioam/record.ts";
import { decodeDirectExport } from "../../../wire/ioam/direct-export.ts";
import { decodeEdgeToEdge, E2eBit } from "../../../wire/ioam/edge-to-edge.ts";
import { IoamType } from "../../../wire/ioam/header.ts";
import { EtherType, IpProtocol, LinkType } from "../../../wire/numbers.ts";
import { packetTimeNs, type CapturedPacket } from "../../../wire/pcapng/reader.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { recordOffsets, REPORTED } from "../record-layout.ts";
import { hasPorts, IPV6_BYTES } from "./packet-of-record.ts";

/** What the sink knew and a packet does not say. */
export interface RecordRemarks {
  readonly segments: number;
  readonly outcome: number;
  readonly ifindex: number;
  /** Bytes before the IP header, to be added to those that the packet has. */
  readonly linkHeaderBytes: number;
}

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const OPTION_HEADER = 2;
/** Reserved byte and IOAM type, before the trace. */
const IOAM_HEADER = 2;
const NANOSECONDS = 1_000_000_000n;

/** Makes records in one place, again and again: allocates nothing per packet when timestamps are nanoseconds. */
export class RecordsOfPacket {
  readonly #view = new DataView(new ArrayBuffer(TraceRecord.size));
  readonly #record = new Uint8Array(this.#view.buffer);
  /** Of the packet's Edge-to-Edge or Direct Export option, when one has come before the trace. */
  #number: RecordedNumber | null = null;

  /** Calls back for each trace of a packet, in its order; the record is valid until the callback returns. */
  visit(packet: CapturedPacket, remarks: RecordRemarks, visit: (view: DataView, offset: number) => void): void {
    const { bytes, captured } = packet;
    const end = packet.offset + captured;
    const ip = networkOffset(packet);
    const header = ip + IPV6_BYTES;
    if (ip < 0 || header + 8 > end || bytes[ip]! >> 4 !== 6 || bytes[ip + 6] !== IpProtocol.HopByHop) return;
    const headerEnd = header + (bytes[header + 1]! + 1) * 8;
    if (headerEnd > end) return;
    this.#number = null;
    for (let at = header + 2; at + OPTION_HEADER <= headerEnd;) {
      if (bytes[at] === Ipv6OptionType.Pad1) {
        at++;
        continue;
      }
      const start = at + OPTION_HEADER;
      const length = bytes[at + 1]!;
      if (start + length > headerEnd) return;
      if (isIoam(bytes[at]!) && length > IOAM_HEADER && bytes[start + 1] === IoamType.EdgeToEdge)
        this.#number ??= numberIn(bytes, start + IOAM_HEADER, length - IOAM_HEADER);
      if (isIoam(bytes[at]!) && length > IOAM_HEADER && bytes[start + 1] === IoamType.DirectExport)
        this.#number ??= reportedIn(bytes, start + IOAM_HEADER, length - IOAM_HEADER);
      const isTrace = length > IOAM_HEADER && bytes[start + 1] === IoamType.PreallocatedTrace;
      if (bytes[at] === Ipv6OptionType.Ioam && isTrace) {
        this.#write(packet, ip, headerEnd, start + IOAM_HEADER, length - IOAM_HEADER, remarks);
        visit(this.#view, 0);
      }
      at = start + length;
    }
  }

  #write(
    packet: CapturedPacket,
    ip: number,
    headerEnd: number,
    trace: number,
    traceLength: number,
    { segments, outcome, ifindex, linkHeaderBytes }: RecordRemarks,
  ): void {
    const { bytes, offset, captured, original } = packet;
    const [view, record] = [this.#view, this.#record];
    const length = Math.min(traceLength, MAX_TRACE_BYTES);
    const isTunnelled = bytes[ip + IPV6_BYTES] === IpProtocol.Ipv6 && headerEnd + IPV6_BYTES <= offset + captured;
    const flow = isTunnelled ? headerEnd : ip;
    const protocol = isTunnelled ? bytes[flow + 6]! : bytes[ip + IPV6_BYTES]!;
    const ports = isTunnelled ? flow + IPV6_BYTES : headerEnd;
    record.fill(0);
    writeTime(packet, view);
    for (let at = 0; at < 32; at++) record[recordOffsets.source + at] = bytes[flow + 8 + at]!;
    for (let at = 0; at < 32; at++) record[recordOffsets.outerSource + at] = bytes[ip + 8 + at]!;
    view.setUint32(recordOffsets.packetLength, original + linkHeaderBytes, true);
    view.setUint32(recordOffsets.ifindex, ifindex, true);
    record[recordOffsets.protocol] = protocol;
    record[recordOffsets.outcome] = outcome;
    if (this.#number !== null) {
      view.setUint16(recordOffsets.e2eType, this.#number.e2eType, true);
      view.setBigUint64(recordOffsets.e2eSequence, this.#number.sequence, true);
      view.setBigUint64(recordOffsets.e2eTimestampNs, this.#number.timestampNs, true);
    }
    record[recordOffsets.isTunnelled] = isTunnelled ? 1 : 0;
    view.setUint16(recordOffsets.segments, segments, true);
    if (hasPorts(protocol) && ports + 4 <= offset + captured) {
      view.setUint16(recordOffsets.sourcePort, (bytes[ports]! << 8) | bytes[ports + 1]!, true);
      view.setUint16(recordOffsets.destinationPort, (bytes[ports + 2]! << 8) | bytes[ports + 3]!, true);
    }
    view.setUint16(recordOffsets.traceLength, length, true);
    for (let at = 0; at < length; at++) record[recordOffsets.trace + at] = bytes[trace + at]!;
  }
}

interface RecordedNumber {
  readonly e2eType: number;
  readonly sequence: bigint;
  readonly timestampNs: bigint;
}

/** What a sink notes of an Edge-to-Edge option; null when it has no sequence number. */
const numberIn = (bytes: Uint8Array, at: number, length: number): RecordedNumber | null => {
  const option = decodeEdgeToEdge(bytes, at, length);
  if (typeof option !== "object") return null;
  const { shortSequence, timestampSeconds, timestampFraction } = option;
  const number = option.sequence ?? shortSequence;
  if (number === undefined) return null;
  const e2eType = shortSequence === undefined ? E2eBit.Sequence : E2eBit.ShortSequence;
  const sequence = BigInt(number);
  if (timestampSeconds === undefined || timestampFraction === undefined) return { e2eType, sequence, timestampNs: 0n };
  const timestampNs = BigInt(timestampSeconds) * NANOSECONDS + BigInt(timestampFraction) * 1000n;
  return { e2eType: e2eType | E2eBit.Seconds | E2eBit.Fraction, sequence, timestampNs };
};

const isIoam = (type: number): boolean => type === Ipv6OptionType.Ioam || type === Ipv6OptionType.IoamUnchanged;

/** What the reports of a packet call it; null when it has no flow id and sequence number. */
const reportedIn = (bytes: Uint8Array, at: number, length: number): RecordedNumber | null => {
  const option = decodeDirectExport(bytes, at, length);
  if (typeof option === "string" || option.flowId === undefined || option.sequence === undefined) return null;
  return { e2eType: REPORTED, sequence: (BigInt(option.flowId) << 32n) | BigInt(option.sequence), timestampNs: 0n };
};

const writeTime = (packet: CapturedPacket, view: DataView): void => {
  const { timeHigh, timeLow } = packet;
  const { unitsPerSecond, timeOffset } = packet.interface;
  if (unitsPerSecond === NANOSECONDS && timeOffset === 0n) {
    view.setUint32(recordOffsets.timestampNs, timeLow, true);
    view.setUint32(recordOffsets.timestampNs + 4, timeHigh, true);
  } else view.setBigUint64(recordOffsets.timestampNs, packetTimeNs(packet), true);
};

/** Where the IP header starts; -1 when the packet has none. */
const networkOffset = ({ bytes, offset, captured, interface: { linkType } }: CapturedPacket): number => {
  if (linkType === LinkType.Ipv6 || linkType === LinkType.Raw) return offset;
  if (linkType !== LinkType.Ethernet) return -1;
  const end = offset + captured;
  let at = offset + ETHERNET_BYTES;
  for (; at <= end; at += VLAN_BYTES) {
    const type = (bytes[at - 2]! << 8) | bytes[at - 1]!;
    if (type === EtherType.Ipv6) return at;
    if (type !== EtherType.Vlan && type !== EtherType.ProviderVlan) return -1;
  }
  return -1;
};
