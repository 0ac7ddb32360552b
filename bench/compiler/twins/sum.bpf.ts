/** Internet checksums (RFC 1071) in what twins sum themselves. */

/** Adds a sum's carries until 16 bits are left. */
export const foldSum = (sum: bigint): number => {
  const halves = (sum & 0xffff_ffffn) + (sum >> 32n);
  const words = (halves & 0xffffn) + (halves >> 16n);
  const most = (words & 0xffffn) + (words >> 16n);
  return Number((most & 0xffffn) + (most >> 16n));
};

/** A checksum after a word that it covers has changed from `from` to `to` (RFC 1624, equation 3). */
export const updateSum = (checksum: number, from: number, to: number): number => {
  const sum = (~checksum & 0xffff) + (~from & 0xffff) + to;
  const once = (sum & 0xffff) + (sum >>> 16);
  return ~((once & 0xffff) + (once >>> 16)) & 0xffff;
};
