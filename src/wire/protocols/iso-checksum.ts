/** The checksum of ISO's protocols: two sums modulo 255 (ISO 8473, annex C; RFC 1008). */

/** Whether the bytes from `start` to `end` hold a right one. */
export const hasIsoChecksum = (bytes: Uint8Array, start: number, end: number): boolean => {
  const [low, high] = sums(bytes, start, end, -1);
  return low === 0 && high === 0;
};

/** What the checksum at `place` must be. */
export const isoChecksum = (bytes: Uint8Array, start: number, end: number, place: number): number => {
  const [low, high] = sums(bytes, start, end, place);
  const first = modulo((end - place - 1) * low - high);
  const second = modulo(high - (end - place) * low);
  return (nonZero(first) << 8) | nonZero(second);
};

/** The two bytes at `hole` count as 0. */
const sums = (bytes: Uint8Array, start: number, end: number, hole: number): readonly [low: number, high: number] => {
  let [low, high] = [0, 0];
  for (let at = start; at < end; at++) {
    if (at !== hole && at !== hole + 1) low = (low + bytes[at]!) % 255;
    high = (high + low) % 255;
  }
  return [low, high];
};

const modulo = (value: number): number => ((value % 255) + 255) % 255;
/** 0 and 255 are the same there; a checksum of 0 is none. */
const nonZero = (value: number): number => (value === 0 ? 255 : value);
