/** Bytes that all rings of a direction may take together, and each of them at most and at least. */
const ALL_BYTES = 1 << 25;
const MOST_BYTES = 1 << 20;
const LEAST_BYTES = 1 << 16;

/** Bytes of each ring, a power of two, on a machine of so many CPUs. */
export const ringBytesFor = (cpus: number): number => {
  let bytes = MOST_BYTES;
  while (bytes > LEAST_BYTES && bytes * cpus > ALL_BYTES) bytes /= 2;
  return bytes;
};
