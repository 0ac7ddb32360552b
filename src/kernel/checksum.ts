/**
 * The Internet checksum (RFC 1071) of headers, pseudo-headers and packets. All numbers here are what `be16` fields read and
 * write, on every machine: `ip.checksum = checksum(ip)` is right.
 */
import { addressBytes, addressFamily } from "../wire/address.ts";
import { checksumOf, foldSum, sumWords as sumOfBytes } from "../wire/checksum.ts";
import type { Ipv4Address, Ipv6Address, MacAddress } from "../wire/layout.ts";
import { runtime } from "./runtime.ts";

type Address = MacAddress | Ipv4Address | Ipv6Address;

/**
 * What a checksum covers: a view, all of its bytes; an address; or a number from 0 to 2^32 - 1, as the bytes of a big-endian
 * field (a protocol, a length, another sum). All start at even offsets: a view of an odd number of bytes comes last.
 */
export type ChecksumPart = number | Address | object;

/**
 * The checksum of all parts together: 16 bits, to be written to a `be16` field. Set the field to 0 first where it is covered; a
 * checksum over one that is right is 0.
 *
 *     ip.checksum = 0;
 *     ip.checksum = checksum(ip);
 *
 * With a pseudo-header (RFC 768, RFC 8200) the rest of the packet is summed by `ctx.packet.sumWords`:
 *
 *     const payload = ctx.packet.sumWords(42, length);
 *     if (payload < 0) return Xdp.Drop;
 *     udp.checksum = checksum(ip.source, ip.destination, 17, udp.length, udp, payload);
 *
 * UDP says 0xffff where this is 0.
 */
export const checksum = (...parts: readonly ChecksumPart[]): number => checksumOf(sumOf(parts));

/** The ones' complement sum of all parts in 16 bits: a part of a checksum that is put together later. */
export const sumWords = (...parts: readonly ChecksumPart[]): number => foldSum(sumOf(parts));

/**
 * The checksum after something it covers changed (RFC 1624, equation 3), before and after as the bytes of a big-endian field or as
 * addresses. What changed starts at an even offset; a single byte there counts 256-fold. Never 0xffff.
 *
 *     ip.checksum = updateChecksum(ip.checksum, 0x0100, 0); // a TTL one lower
 *     ip.checksum = updateChecksum(ip.checksum, ip.source, translated);
 */
export const updateChecksum = <T extends number | Address>(checksum: number, from: T, to: T): number => {
  const old = bytesOf(from).map((byte) => ~byte);
  // Of the two zeros 0xffff makes the sum the one whose complement is 0.
  return checksumOf(sumOfBytes(old, 0, old.length, 0xffff) + sumOf([checksum16(checksum) ^ 0xffff, to]));
};

const checksum16 = (value: number): number => {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  throw new RangeError(`${value} is no checksum of 16 bits`);
};

const sumOf = (parts: readonly ChecksumPart[]): number => {
  let sum = 0;
  let isEven = true;
  for (const part of parts) {
    const bytes = bytesOf(part);
    if (!isEven) throw new RangeError("a part of an odd number of bytes must come last");
    isEven = bytes.length % 2 === 0;
    sum = sumOfBytes(bytes, 0, bytes.length, sum);
  }
  return sum;
};

const bytesOf = (part: ChecksumPart): Uint8Array => {
  if (typeof part === "object") return runtime().bytes(part);
  if (typeof part === "number") return bytesOfNumber(part);
  const family = addressFamily(part);
  if (family === null) throw new TypeError(`"${part}" is not the canonical text of an address`);
  return addressBytes(family, part);
};

const bytesOfNumber = (value: number): Uint8Array => {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new RangeError(`${value} is not a number from 0 to 2^32 - 1`);
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
};
