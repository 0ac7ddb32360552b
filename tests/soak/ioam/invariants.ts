/** What must hold of every packet that comes out of a program, whatever went in. An empty text when it does. */
import { IoamOption, IoamTraceHeader } from "../../../src/wire/ioam/header.ts";
import { HOP_BY_HOP_AT } from "../../../src/mark/ioam/conformance/frames.ts";
import { IpProtocol } from "../../../src/wire/numbers.ts";
import { transportChecksum } from "./packets.ts";

const PAYLOAD_LENGTH_AT = 18;
const NEXT_HEADER_AT = 20;
const HOP_LIMIT_AT = 21;
const IPV6_AT = 14;
const OPTION_IOAM = 0x31;
/** The same, with data that nobody changes. */
const OPTION_UNCHANGED = 0x11;

const isIpv6 = (packet: Uint8Array): boolean => packet[12] === 0x86 && packet[13] === 0xdd;
const payloadLength = (packet: Uint8Array): number =>
  (packet[PAYLOAD_LENGTH_AT]! << 8) | packet[PAYLOAD_LENGTH_AT + 1]!;
const headerBytes = (packet: Uint8Array): number => 8 + (packet[HOP_BY_HOP_AT + 1] ?? 0) * 8;

/** The first offset at which two packets differ, within what `b` has of `a`'s bytes from `from` on; -1 when they do not. */
const differsAt = (a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): number => {
  for (let index = 0; index < length; index++) if (a[aFrom + index] !== b[bFrom + index]) return aFrom + index;
  return -1;
};

export const isSame = (given: Uint8Array, output: Uint8Array): boolean =>
  given.length === output.length && differsAt(given, 0, output, 0, given.length) < 0;

/** A node between the ends changes nothing but the insides of traces. */
export const filledRight = (given: Uint8Array, output: Uint8Array): string => {
  if (output.length !== given.length) return `${output.length} bytes came of ${given.length}`;
  const end = HOP_BY_HOP_AT + headerBytes(given);
  const before = differsAt(given, 0, output, 0, Math.min(given.length, HOP_BY_HOP_AT + 2));
  if (before >= 0) return `byte ${before} before the options changed`;
  if (given.length > end) {
    const behind = differsAt(given, end, output, end, given.length - end);
    if (behind >= 0) return `byte ${behind} behind the options changed`;
  }
  for (let at = HOP_BY_HOP_AT + 2; at < Math.min(end, given.length); at++) {
    if (given[at] === output[at]) continue;
    if (!inTrace(given, at, end)) return `byte ${at}, in no trace, changed`;
  }
  return transportRight(given, output);
};

/** Whether the byte is of a pre-allocated trace's flags, remaining length or data. */
const inTrace = (packet: Uint8Array, byte: number, end: number): boolean => {
  for (let at = HOP_BY_HOP_AT + 2; at < end && at <= byte;) {
    if (packet[at] === 0) {
      at += 1;
      continue;
    }
    const next = at + 2 + (packet[at + 1] ?? 0);
    if (byte < next) {
      if (packet[at] !== OPTION_IOAM || packet[at + 3] !== 0) return false;
      return byte === at + 6 || byte === at + 7 || byte >= at + IoamOption.size + IoamTraceHeader.size;
    }
    at = next;
  }
  return false;
};

/** A sink delivers the packet as it came, or without its whole Hop-by-Hop header. */
export const strippedRight = (given: Uint8Array, output: Uint8Array): string => {
  if (output.length === given.length) return isSame(given, output) ? "" : "a packet that was not stripped changed";
  const bytes = headerBytes(given);
  if (output.length !== given.length - bytes) return `${given.length - output.length} bytes taken off, not ${bytes}`;
  if (payloadLength(output) !== payloadLength(given) - bytes) return `a payload length of ${payloadLength(output)}`;
  if (output[NEXT_HEADER_AT] !== given[HOP_BY_HOP_AT]) return `next header ${output[NEXT_HEADER_AT]}`;
  const parts: readonly [from: number, to: number, length: number][] = [
    [0, 0, PAYLOAD_LENGTH_AT],
    [HOP_LIMIT_AT, HOP_LIMIT_AT, HOP_BY_HOP_AT - HOP_LIMIT_AT],
    [HOP_BY_HOP_AT + bytes, HOP_BY_HOP_AT, output.length - HOP_BY_HOP_AT],
  ];
  for (const [from, to, length] of parts) {
    const at = differsAt(given, from, output, to, length);
    if (at >= 0) return `byte ${at} changed`;
  }
  return transportRight(given, output);
};

/** An encapsulating node leaves a packet as it is, or inserts a Hop-by-Hop header whose every length is right. */
export const insertedRight = (given: Uint8Array, output: Uint8Array): string => {
  if (output.length === given.length) return isSame(given, output) ? "" : "a packet that got no header changed";
  const bytes = headerBytes(output);
  if (output.length !== given.length + bytes) return `${output.length - given.length} bytes more, not ${bytes}`;
  if (payloadLength(output) !== payloadLength(given) + bytes) return `a payload length of ${payloadLength(output)}`;
  if (output[NEXT_HEADER_AT] !== 0) return `next header ${output[NEXT_HEADER_AT]}`;
  if (output[HOP_BY_HOP_AT] !== given[NEXT_HEADER_AT]) return `next header ${output[HOP_BY_HOP_AT]} behind the options`;
  const parts: readonly [from: number, to: number, length: number][] = [
    [0, 0, PAYLOAD_LENGTH_AT],
    [HOP_LIMIT_AT, HOP_LIMIT_AT, HOP_BY_HOP_AT - HOP_LIMIT_AT],
    [HOP_BY_HOP_AT, HOP_BY_HOP_AT + bytes, given.length - HOP_BY_HOP_AT],
  ];
  for (const [from, to, length] of parts) {
    const at = differsAt(given, from, output, to, length);
    if (at >= 0) return `byte ${at} changed`;
  }
  return optionsRight(output, HOP_BY_HOP_AT, bytes) || transportRight(given, output);
};

/** Every option ends within the header, the last one at its end; IOAM's lie at multiples of 4 and hold what they say. */
export const optionsRight = (packet: Uint8Array, start: number, bytes: number): string => {
  let at = start + 2;
  while (at < start + bytes) {
    const type = packet[at];
    if (type === OPTION_IOAM || type === OPTION_UNCHANGED) {
      if ((at - start) % 4 !== 0) return `an option at ${at - start} of the header`;
      if (packet[at + 3] === 0 && 10 + (packet[at + 7]! & 127) * 4 > packet[at + 1]!)
        return "more free words than a trace has";
    }
    at += type === 0 ? 1 : 2 + packet[at + 1]!;
  }
  return at === start + bytes ? "" : `options end ${at - start - bytes} bytes behind their header`;
};

/** An upper-layer checksum that was right is right. */
const transportRight = (given: Uint8Array, output: Uint8Array): string =>
  hasRightChecksum(given) && !hasRightChecksum(output) ? "the upper layer's checksum is not right any more" : "";

/** Of packets that are whole; of others it is not asked. */
const hasRightChecksum = (packet: Uint8Array): boolean => {
  if (!isIpv6(packet) || packet.length < HOP_BY_HOP_AT || payloadLength(packet) + HOP_BY_HOP_AT !== packet.length)
    return false;
  const isDirect = packet[NEXT_HEADER_AT] !== 0;
  const at = isDirect ? HOP_BY_HOP_AT : HOP_BY_HOP_AT + headerBytes(packet);
  const protocol = packet[isDirect ? NEXT_HEADER_AT : HOP_BY_HOP_AT]!;
  if (at >= packet.length || (packet[IPV6_AT]! & 0xf0) !== 0x60) return false;
  if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp && protocol !== IpProtocol.Icmpv6) return false;
  return transportChecksum(packet, at, packet.length - at, protocol) === 0;
};
