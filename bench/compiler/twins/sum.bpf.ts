/** Internet checksums (RFC 1071) in what twins sum themselves. */

/** Adds a sum's carries until 16 bits are left. */
export const foldSum = (sum: bigint): number => {
  const halves = (sum & 0xffff_ffffn) + (sum >> 32n);
  const words = (halves & 0xffffn) + (halves >> 16n);
  const most = (words & 0xffffn) + (words >> 16n);
  return Number((most & 0xffffn) + (most >> 16n));
};
