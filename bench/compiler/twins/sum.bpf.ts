/** Internet checksums (RFC 1071) in what twins sum themselves. */

/** Adds a sum's carries until 16 bits are left. The sum is one of fewer than 2^16 words of 32 bits. */
export const foldSum = (sum: bigint): number => {
  const halves = (sum & 0xffff_ffffn) + (sum >> 32n);
  // Of its words h and l: (h + l) * 2^16 + (l + h) carries into the upper half exactly where h + l does.
  const both = halves * 0x1_0001n + (halves >> 16n);
  return Number((both >> 16n) & 0xffffn);
};
