/** The Internet checksum (RFC 1071), with pseudo-headers (RFC 768, RFC 8200) and incremental update (RFC 1624). */

/**
 * The sum of 16-bit big-endian words of `length` bytes at `offset`, an odd last byte padded with zero, on top of
 * `initial`. Not folded: exact as a number for far more than any packet, so sums may be added up.
 */
export const sumWords = (bytes: Uint8Array, offset: number, length: number, initial = 0): number => {
  let sum = initial;
  const even = offset + (length & ~1);
  for (let at = offset; at < even; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  return (length & 1) === 0 ? sum : sum + (bytes[even]! << 8);
};

/** Folds a sum into 16 bits, ones' complement. */
export const foldSum = (sum: number): number => {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return folded;
};

/** The checksum to write for a sum in which the checksum field itself counts as zero. */
export const checksumOf = (sum: number): number => ~foldSum(sum) & 0xffff;

/** The checksum of `length` bytes at `offset`, its own field within counting as it stands: 0 when they hold a right one. */
export const checksum = (bytes: Uint8Array, offset: number, length: number): number =>
  checksumOf(sumWords(bytes, offset, length));

/**
 * The pseudo-header's sum: addresses, protocol and length of what follows the IP header at `ipOffset`. Only the
 * version nibble there says which IP it is. Extension headers are the caller's matter: `protocol` is the last.
 */
export const pseudoHeaderSum = (bytes: Uint8Array, ipOffset: number, protocol: number, length: number): number => {
  const ipv6 = bytes[ipOffset]! >> 4 === 6;
  const addresses = ipv6 ? sumWords(bytes, ipOffset + 8, 32) : sumWords(bytes, ipOffset + 12, 8);
  return addresses + protocol + (length & 0xffff) + Math.floor(length / 0x10000);
};

/** The checksum after a 16-bit word it covers changed (RFC 1624, equation 3: right also where a field becomes zero). */
export const updateChecksum16 = (old: number, from: number, to: number): number =>
  checksumOf((~old & 0xffff) + (~from & 0xffff) + to);

/** The same for a 32-bit word that starts at an even offset. */
export const updateChecksum32 = (old: number, from: number, to: number): number =>
  checksumOf((~old & 0xffff) + (~(from >>> 16) & 0xffff) + (~from & 0xffff) + (to >>> 16) + (to & 0xffff));
