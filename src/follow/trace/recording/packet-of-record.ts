/**
 * A record as the IPv6 packet it tells of: addresses, ports and the complete trace, with the sink's entry, and the tunnel
 * around it. What a record does not hold, traffic class and flow label, is zero.
 */
import { ExtensionFlag } from "../../../wire/ioam/direct-export.ts";
import { E2eBit } from "../../../wire/ioam/edge-to-edge.ts";
import { IoamType } from "../../../wire/ioam/header.ts";
import { directExportShape } from "../../../wire/ioam/hop-by-hop.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { readU16, readU64, recordOffsets, REPORTED } from "../record-layout.ts";

export const IPV6_BYTES = 40;
/** An Edge-to-Edge option up to its sequence number. */
const BEFORE_NUMBER = 8;
const TIME_BYTES = 8;
/** Hop-by-Hop header, padding to 4n, option, and the two bytes before the trace: RFC 9486, section 3. */
const BEFORE_TRACE = 8;
const PORTS_BYTES = 4;
const TRACE_HEADER = 8;
const DEFAULT_HOP_LIMIT = 64;

/** Whether packets of this protocol show their ports behind the Hop-by-Hop header. */
export const hasPorts = (protocol: number): boolean => protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;

/** Bytes of the packet for the record at `offset`. */
export const packetBytes = (record: Uint8Array, offset: number): number =>
  IPV6_BYTES +
  hopByHopBytes(record, offset) +
  (record[offset + recordOffsets.isTunnelled] === 1 ? IPV6_BYTES : 0) +
  (hasPorts(record[offset + recordOffsets.protocol]!) ? PORTS_BYTES : 0);

const hopByHopBytes = (record: Uint8Array, offset: number): number =>
  (BEFORE_TRACE + numberBytes(record, offset) + readU16(record, offset + recordOffsets.traceLength) + 7) & ~7;

/** Bytes of the option that says the packet's number: Edge-to-Edge, or Direct Export where nodes reported in place of a trace. */
const numberBytes = (record: Uint8Array, offset: number): number => {
  const type = readU16(record, offset + recordOffsets.e2eType);
  if (type === 0) return 0;
  if (type === REPORTED) return directExportShape.bytes;
  return BEFORE_NUMBER + numberSize(type) + (isTimed(type) ? TIME_BYTES : 0);
};

/** Bytes of the sequence number itself. */
const numberSize = (type: number): number => ((type & E2eBit.ShortSequence) === 0 ? 8 : 4);

const isTimed = (type: number): boolean => (type & E2eBit.Seconds) !== 0;

/** Writes the packet at `at`; `original` are the bytes that it had on its way, from the IP header on. Allocates nothing. */
export const writePacket = (
  record: Uint8Array,
  offset: number,
  original: number,
  packet: Uint8Array,
  at: number,
): void => {
  const traceLength = readU16(record, offset + recordOffsets.traceLength);
  const trace = offset + recordOffsets.trace;
  const protocol = record[offset + recordOffsets.protocol]!;
  const hopByHop = hopByHopBytes(record, offset);
  const isTunnelled = record[offset + recordOffsets.isTunnelled] === 1;
  writeIpv6(packet, at, original - IPV6_BYTES, IpProtocol.HopByHop, hopLimitAtSink(record, trace, traceLength));
  copy(record, offset + recordOffsets.outerSource, packet, at + 8, 32);
  const start = at + IPV6_BYTES;
  packet[start] = isTunnelled ? IpProtocol.Ipv6 : protocol;
  packet[start + 1] = hopByHop / 8 - 1;
  packet[start + 2] = Ipv6OptionType.PadN;
  packet[start + 3] = 0;
  const numbers = numberBytes(record, offset);
  if (readU16(record, offset + recordOffsets.e2eType) === REPORTED) writeReported(record, offset, packet, start + 4);
  else if (numbers > 0) writeNumber(record, offset, numbers, packet, start + 4);
  const option = start + 4 + numbers;
  packet[option] = Ipv6OptionType.Ioam;
  packet[option + 1] = traceLength + 2;
  packet[option + 2] = 0;
  packet[option + 3] = IoamType.PreallocatedTrace;
  copy(record, trace, packet, option + 4, traceLength);
  writePadding(packet, option + 4 + traceLength, start + hopByHop);
  let ports = start + hopByHop;
  if (isTunnelled) {
    writeIpv6(packet, ports, original - (ports - at) - IPV6_BYTES, protocol, DEFAULT_HOP_LIMIT);
    copy(record, offset + recordOffsets.source, packet, ports + 8, 32);
    ports += IPV6_BYTES;
  }
  if (!hasPorts(protocol)) return;
  writeBe16(packet, ports, readU16(record, offset + recordOffsets.sourcePort));
  writeBe16(packet, ports + 2, readU16(record, offset + recordOffsets.destinationPort));
};

/** A header up to its addresses. */
const writeIpv6 = (packet: Uint8Array, at: number, payload: number, nextHeader: number, hopLimit: number): void => {
  packet[at] = 0x60;
  packet[at + 1] = packet[at + 2] = packet[at + 3] = 0;
  // A longer one is as the stack holds it before segmentation, and says 0.
  writeBe16(packet, at + 4, payload > 0xffff ? 0 : payload);
  packet[at + 6] = nextHeader;
  packet[at + 7] = hopLimit;
};

/** The Edge-to-Edge option, in the trace's namespace: a record does not say in which it was. */
const writeNumber = (record: Uint8Array, offset: number, bytes: number, packet: Uint8Array, at: number): void => {
  packet[at] = Ipv6OptionType.Ioam;
  packet[at + 1] = bytes - 2;
  packet[at + 2] = 0;
  packet[at + 3] = IoamType.EdgeToEdge;
  copy(record, offset + recordOffsets.trace, packet, at + 4, 2);
  const type = readU16(record, offset + recordOffsets.e2eType);
  writeBe16(packet, at + 6, type);
  const size = numberSize(type);
  for (let index = 0; index < size; index++)
    packet[at + BEFORE_NUMBER + index] = record[offset + recordOffsets.e2eSequence + size - 1 - index]!;
  if (!isTimed(type)) return;
  const time = at + BEFORE_NUMBER + size;
  const us = Number(readU64(record, offset + recordOffsets.e2eTimestampNs) / 1000n);
  writeBe32(packet, time, Math.floor(us / 1e6));
  writeBe32(packet, time + 4, us % 1e6);
};

/** The Direct Export option that the nodes reported on, with the type of what they did report. */
const writeReported = (record: Uint8Array, offset: number, packet: Uint8Array, at: number): void => {
  const trace = offset + recordOffsets.trace;
  packet[at] = Ipv6OptionType.IoamUnchanged;
  packet[at + 1] = directExportShape.bytes - 2;
  packet[at + 2] = 0;
  packet[at + 3] = IoamType.DirectExport;
  copy(record, trace, packet, at + 4, 2);
  packet[at + 6] = 0;
  packet[at + 7] = ExtensionFlag.FlowId | ExtensionFlag.Sequence;
  copy(record, trace + 4, packet, at + 8, 4);
  for (let index = 0; index < 8; index++)
    packet[at + 12 + index] = record[offset + recordOffsets.e2eSequence + 7 - index]!;
};

/** The sink's entry says it, where the trace type has bit 0 (RFC 9197, section 4.4.2.1). */
const hopLimitAtSink = (record: Uint8Array, trace: number, length: number): number => {
  const entry = TRACE_HEADER + (record[trace + 3]! & 0x7f) * 4;
  const known = length >= TRACE_HEADER && entry < length && (record[trace + 4]! & 0x80) !== 0;
  return known ? record[trace + entry]! : DEFAULT_HOP_LIMIT;
};

/** Pad1 or PadN: RFC 8200, section 4.2. */
const writePadding = (bytes: Uint8Array, from: number, to: number): void => {
  for (let at = from; at < to; at++) bytes[at] = 0;
  if (to - from < 2) return;
  bytes[from] = Ipv6OptionType.PadN;
  bytes[from + 1] = to - from - 2;
};

const writeBe16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
};

const writeBe32 = (bytes: Uint8Array, at: number, value: number): void => {
  writeBe16(bytes, at, Math.floor(value / 0x1_0000));
  writeBe16(bytes, at + 2, value & 0xffff);
};

const copy = (from: Uint8Array, at: number, to: Uint8Array, toAt: number, length: number): void => {
  for (let index = 0; index < length; index++) to[toAt + index] = from[at + index]!;
};
