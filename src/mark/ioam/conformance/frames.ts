/** Ethernet frames with IPv6 and Hop-by-Hop headers, right or wrong in every byte a test wants wrong. */
import { addressBytes } from "../../../wire/address.ts";
import { nodeLengthOf } from "../../../wire/ioam/fields.ts";

export interface FrameOptions {
  readonly source?: string;
  readonly destination?: string;
  readonly sourceMac?: string;
  readonly destinationMac?: string;
  readonly hopLimit?: number;
  readonly flowLabel?: number;
  /** Hop-by-Hop header, whole; none without it. */
  readonly hopByHop?: Uint8Array;
  /** What follows the IPv6 and Hop-by-Hop headers, and its protocol when there is no Hop-by-Hop header. */
  readonly payload?: Uint8Array;
  readonly protocol?: number;
  /** What the IPv6 header claims; default: the truth. */
  readonly payloadLength?: number;
}

/** RFC 8200, section 4.7: nobody answers it. */
const NO_NEXT_HEADER = 59;
export const HOP_BY_HOP_AT = 54;

export const frame = (options: FrameOptions = {}): Uint8Array => {
  const { hopByHop = new Uint8Array(0), payload = new Uint8Array(0), protocol = NO_NEXT_HEADER } = options;
  const bytes = new Uint8Array(HOP_BY_HOP_AT + hopByHop.length + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(addressBytes("mac", options.destinationMac ?? "02:00:00:00:00:02"), 0);
  bytes.set(addressBytes("mac", options.sourceMac ?? "02:00:00:00:00:01"), 6);
  view.setUint16(12, 0x86dd);
  view.setUint32(14, 0x6000_0000 + (options.flowLabel ?? 0));
  view.setUint16(18, options.payloadLength ?? hopByHop.length + payload.length);
  bytes[20] = hopByHop.length > 0 ? 0 : protocol;
  bytes[21] = options.hopLimit ?? 64;
  bytes.set(addressBytes("ipv6", options.source ?? "db01::1"), 22);
  bytes.set(addressBytes("ipv6", options.destination ?? "db02::2"), 38);
  bytes.set(hopByHop, HOP_BY_HOP_AT);
  bytes.set(payload, HOP_BY_HOP_AT + hopByHop.length);
  return bytes;
};

/** A Hop-by-Hop header around options, padded to a multiple of 8. */
export const hopByHop = (options: readonly Uint8Array[], nextHeader = NO_NEXT_HEADER): Uint8Array => {
  const length = 2 + options.reduce((sum, option) => sum + option.length, 0);
  const missing = (8 - (length % 8)) % 8;
  const whole = concat([Uint8Array.of(nextHeader, (length + missing) / 8 - 1), ...options, padding(missing)]);
  return whole;
};

/** Pad1 or one PadN of so many bytes in all. */
export const padding = (bytes: number): Uint8Array => {
  if (bytes < 2) return new Uint8Array(bytes);
  const pad = new Uint8Array(bytes);
  pad[0] = 1;
  pad[1] = bytes - 2;
  return pad;
};

export interface TraceOptionInput {
  readonly namespaceId?: number;
  readonly traceType?: number;
  /** Default: what the type says. */
  readonly nodeLength?: number;
  /** O, L, A and the reserved one, high to low: 8 is overflow. */
  readonly flags?: number;
  /** Free words, in front of the data. */
  readonly remaining?: number;
  readonly data?: Uint8Array;
  /** What the option claims; default: the truth. */
  readonly length?: number;
  readonly ioamType?: number;
  readonly reserved?: number;
}

export const OVERFLOW = 8;
export const LOOPBACK = 4;
export const ACTIVE = 2;

/** An IOAM option with a pre-allocated trace: 4 bytes of option, 8 of trace header, the data. */
export const traceOption = (input: TraceOptionInput = {}): Uint8Array => {
  const { namespaceId = 123, traceType = 0xf00000, flags = 0, data = new Uint8Array(48) } = input;
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x31, (input.length ?? 10 + data.length) & 0xff, input.reserved ?? 0, input.ioamType ?? 0]);
  view.setUint16(4, namespaceId);
  const nodeLength = input.nodeLength ?? nodeLengthOf(traceType);
  const remaining = input.remaining ?? data.length / 4;
  view.setUint16(6, ((nodeLength & 31) << 11) | (flags << 7) | (remaining & 127));
  view.setUint32(8, traceType * 256);
  bytes.set(data, 12);
  return bytes;
};

export interface ExportOptionInput {
  readonly namespaceId?: number;
  readonly traceType?: number;
  readonly flags?: number;
  readonly extensionFlags?: number;
  /** What follows the header. */
  readonly extensions?: readonly number[];
  /** What the option claims; default: the truth. */
  readonly length?: number;
  readonly type?: number;
  readonly ioamType?: number;
}

/** A Direct Export option (RFC 9326): 4 bytes of option, 8 of header, words. */
export const exportOption = (input: ExportOptionInput = {}): Uint8Array => {
  const { namespaceId = 123, traceType = 0xf00000, extensions = [], flags = 0, extensionFlags = 0 } = input;
  const bytes = new Uint8Array(12 + extensions.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set([input.type ?? 0x11, (input.length ?? bytes.length - 2) & 0xff, 0, input.ioamType ?? 4]);
  view.setUint16(4, namespaceId);
  bytes.set([flags, extensionFlags], 6);
  view.setUint32(8, traceType * 256);
  for (const [index, word] of extensions.entries()) view.setUint32(12 + index * 4, word);
  return bytes;
};

/** The usual header: PadN(2), then the trace. */
export const traceHeader = (input: TraceOptionInput = {}, nextHeader = NO_NEXT_HEADER): Uint8Array =>
  hopByHop([padding(2), traceOption(input)], nextHeader);

export const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
