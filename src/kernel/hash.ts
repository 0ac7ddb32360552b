/** A fast hash of a few numbers and addresses: the same in the kernel, in V8 and in user space. */
import { addressBytes, addressFamily } from "../wire/address.ts";
import type { Ipv4Address, Ipv6Address, MacAddress } from "../wire/layout.ts";

/** 2^64 divided by the golden ratio, odd. */
export const HASH_FACTOR = 0x9e37_79b9_7f4a_7c15n;

/**
 * 64 bits, 0 to 2^64 - 1, of `seed` and all values in their order, 8 bytes at a time: `mix(h, v)` is `p ^ (p >> 32)` of
 * `p = (h ^ v) * 0x9e3779b97f4a7c15` modulo 2^64. A number or a bigint is its low 64 bits. Addresses are their bytes: neighbours among the
 * values are joined and cut into 8 bytes each, little-endian, the last filled with zeros; two IPv4 addresses are one step.
 *
 *     const slot = Number(((hash(seed, ip.source, ip.destination, ports) >> 32n) * 65537n) >> 32n);
 *
 * Take the upper bits first: they are mixed best. It keeps out nobody who can choose the values and knows the seed.
 */
export const hash = (
  seed: bigint,
  ...values: readonly (number | bigint | MacAddress | Ipv4Address | Ipv6Address)[]
): bigint => {
  let result = BigInt.asUintN(64, seed);
  let bytes: number[] = [];
  const mix = (value: bigint): void => {
    const product = BigInt.asUintN(64, (result ^ BigInt.asUintN(64, value)) * HASH_FACTOR);
    result = product ^ (product >> 32n);
  };
  const mixBytes = (): void => {
    for (let at = 0; at < bytes.length; at += 8) mix(littleEndian(bytes.slice(at, at + 8)));
    bytes = [];
  };
  for (const value of values) {
    if (typeof value === "string") {
      bytes.push(...bytesOf(value));
      continue;
    }
    mixBytes();
    mix(BigInt(value));
  }
  mixBytes();
  return result;
};

const littleEndian = (bytes: readonly number[]): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

const bytesOf = (text: string): Uint8Array => {
  const family = addressFamily(text);
  if (family === null) throw new TypeError(`"${text}" is not the canonical text of an address`);
  return addressBytes(family, text);
};
