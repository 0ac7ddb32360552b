/** Random packets with a broken Hop-by-Hop header, and packets for an encapsulating node: millions of them, from a seed. */
import { checksumOf, pseudoHeaderSum, sumWords } from "../../../src/wire/checksum.ts";
import { ruleGroups } from "../../../src/mark/ioam/conformance/cases.ts";
import { frame, HOP_BY_HOP_AT } from "../../../src/mark/ioam/conformance/frames.ts";
import { IpProtocol } from "../../../src/wire/numbers.ts";
import type { Random } from "../../fuzz/random.ts";

const headers = ruleGroups.flatMap(({ cases }) => cases.map(({ hopByHop }) => hopByHop));

/** Bytes that mean something in one place or another. */
const telling = [0, 1, 2, 3, 4, 5, 7, 8, 0x0a, 0x1e, 0x31, 0x32, 0x7b, 0x7f, 0x80, 0xc2, 0xfe, 0xff];
/** In which most decisions are made. */
const EARLY_BYTES = 20;
const LONGEST_HEADER = 2048;

interface Transport {
  readonly protocol: number;
  /** Where the checksum stands in `bytes`; -1 when there is none. */
  readonly checksumAt: number;
  readonly bytes: Uint8Array;
}

const transport = (protocol: number, checksumAt: number, header: readonly number[], payload = 0): Transport => {
  const bytes = new Uint8Array(header.length + payload).fill(0x5a);
  bytes.set(header);
  return { protocol, checksumAt, bytes };
};
const tcpHeader = [0x9c, 0x41, 0x14, 0x51, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0xf6, 0, 0, 0, 0];

/** What follows the IPv6 headers; checksums are set in the packet. */
const transports: readonly Transport[] = [
  ...[0, 1, 8, 33].flatMap((length) => [
    transport(IpProtocol.Tcp, 16, tcpHeader, length),
    transport(IpProtocol.Udp, 6, [0, 7, 0xff, 0xff, 0, 8 + length, 0, 0], length),
    transport(IpProtocol.Icmpv6, 2, [128, 0, 0, 0, 0, 1, 0, 2], length),
  ]),
  transport(59, -1, [1, 2, 3, 4, 5, 6, 7, 8]),
];

/** Of `length` bytes at `at`: 0 when they hold a right one. */
export const transportChecksum = (packet: Uint8Array, at: number, length: number, protocol: number): number =>
  checksumOf(pseudoHeaderSum(packet, 14, protocol, length) + sumWords(packet, at, length));

const setChecksum = (packet: Uint8Array, at: number, { protocol, checksumAt, bytes }: Transport): void => {
  if (checksumAt < 0) return;
  const checksum = transportChecksum(packet, at, bytes.length, protocol);
  packet.set([checksum >> 8, checksum & 0xff], at + checksumAt);
};

interface Fields {
  readonly hopLimit: number;
  readonly payloadLength?: number;
}

const nothing = new Uint8Array(0);
/** By destination: parsing addresses takes longer than all else. */
const fronts = new Map<string, Uint8Array>();

/** As `frame` makes it. */
const packetOf = (
  destination: string,
  header: Uint8Array,
  upper: Uint8Array,
  { hopLimit, payloadLength = header.length + upper.length }: Fields,
): Uint8Array => {
  let front = fronts.get(destination);
  if (front === undefined) fronts.set(destination, (front = frame({ destination })));
  const bytes = new Uint8Array(HOP_BY_HOP_AT + header.length + upper.length);
  bytes.set(front);
  bytes[18] = payloadLength >> 8;
  bytes[19] = payloadLength;
  bytes[20] = 0;
  bytes[21] = hopLimit;
  bytes.set(header, HOP_BY_HOP_AT);
  bytes.set(upper, HOP_BY_HOP_AT + header.length);
  return bytes;
};

/** A frame whose Hop-by-Hop header something happened to. Few changes: one with many is only refused at its first byte. */
export const mutatedPacket = (random: Random, given = random.pick(headers)): Uint8Array => {
  const upper = random.pick(transports);
  let header = Uint8Array.from(given);
  header[0] = upper.protocol;
  for (let changes = random.below(5); changes > 0; changes--) header = change(random, header);
  if (random.chance(0.5)) header = closed(header);
  const whole = packetOf("db02::2", header, upper.bytes, {
    hopLimit: random.pick([64, 255, 2]),
    ...(random.chance(0.05) && { payloadLength: random.below(600) }),
  });
  setChecksum(whole, HOP_BY_HOP_AT + header.length, upper);
  return random.chance(0.05)
    ? whole.subarray(0, HOP_BY_HOP_AT + random.below(whole.length - HOP_BY_HOP_AT + 1))
    : whole;
};

const change = (random: Random, header: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const byte = random.chance(0.5) ? random.below(256) : random.pick(telling);
  const at = random.below(header.length);
  switch (random.below(5)) {
    case 0:
      header[at] = byte;
      return header;
    case 1:
      header[random.below(Math.min(EARLY_BYTES, header.length))] = byte;
      return header;
    case 2:
      header[at] = header[at]! ^ (1 << random.below(8));
      return header;
    case 3: {
      const grown = new Uint8Array(header.length + random.between(1, 8)).fill(byte);
      const place = Math.max(2, at);
      grown.set(header.subarray(0, place));
      grown.set(header.subarray(place), place + grown.length - header.length);
      return grown.length > LONGEST_HEADER ? header : grown;
    }
    default: {
      const length = Math.min(random.between(1, 8), header.length - 10);
      if (length <= 0) return header;
      const place = Math.max(2, Math.min(at, header.length - length));
      const shrunk = new Uint8Array(header.length - length);
      shrunk.set(header.subarray(0, place));
      shrunk.set(header.subarray(place + length), place);
      return shrunk;
    }
  }
};

/** Makes the header's own length true again. */
const closed = (header: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(Math.ceil(header.length / 8) * 8);
  whole.set(header);
  whole[1] = Math.min(255, whole.length / 8 - 1);
  return whole;
};

/** A frame for an encapsulating node: to one of the prefixes or to none, whole or not. */
export const plainPacket = (random: Random, destinations: readonly string[]): Uint8Array => {
  if (random.chance(0.1)) return mutatedPacket(random);
  const upper = random.pick(transports);
  const whole = packetOf(random.pick(destinations), nothing, upper.bytes, {
    hopLimit: random.below(256),
    ...(random.chance(0.05) && { payloadLength: random.below(0x10000) }),
  });
  whole[20] = upper.protocol;
  setChecksum(whole, HOP_BY_HOP_AT, upper);
  if (random.chance(0.1)) whole[14 + random.below(24)] = random.below(256);
  return random.chance(0.02) ? whole.subarray(0, HOP_BY_HOP_AT + random.below(upper.bytes.length)) : whole;
};
