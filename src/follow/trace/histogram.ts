/**
 * A log-linear histogram: every power of two is cut into 32 equal parts, so a value is known to 1/32 (3 %) from one to
 * 2^48 and exactly below 64. Counting allocates nothing. The kernel half of a measurement can fill the same buckets.
 */

const SUB_BITS = 5;
const SUB_BUCKETS = 1 << SUB_BITS;
const MAX_BITS = 48;
/** How many buckets there are: the length of {@link Histogram.counts}. */
export const BUCKETS = (MAX_BITS - SUB_BITS + 1) * SUB_BUCKETS;

/** The bucket of a value of at least 0. The last one takes everything from 2^48 up. */
export const bucketOf = (value: number): number => {
  if (value < SUB_BUCKETS) return Math.trunc(value);
  if (value < 2 ** 31) {
    // The same as below, with what processors have an instruction for.
    const shift = 31 - Math.clz32(value) - SUB_BITS;
    return shift * SUB_BUCKETS + (value >>> shift);
  }
  const exponent = value < 2 ** 32 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 2 ** 32);
  if (exponent >= MAX_BITS) return BUCKETS - 1;
  // From 32 to 63: the leading bit and the five after it.
  const leading = Math.trunc(value / 2 ** (exponent - SUB_BITS));
  return (exponent - SUB_BITS) * SUB_BUCKETS + leading;
};

/** The smallest value of a bucket. */
export const bucketStart = (bucket: number): number => {
  if (bucket < SUB_BUCKETS) return bucket;
  const octave = Math.floor(bucket / SUB_BUCKETS) - 1;
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS) * 2 ** octave;
};

/** Values of at least 0, in one unit of the caller's choice. */
export class Histogram {
  readonly counts = new Float64Array(BUCKETS);
  count = 0;
  sum = 0;
  /** Exact. Infinity while there is no value. */
  min = Infinity;
  /** Exact. -Infinity while there is no value. */
  max = -Infinity;

  add(value: number): void {
    this.counts[bucketOf(value)]! += 1;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** The value that `share` (0 to 1) of all values do not exceed, to the middle of its bucket; null when there is none. */
  quantile(share: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bucket = bucketOf(this.min); bucket < BUCKETS; bucket++) {
      seen += this.counts[bucket]!;
      if (seen < rank) continue;
      const middle = (bucketStart(bucket) + bucketStart(bucket + 1) - 1) / 2;
      return Math.min(this.max, Math.max(this.min, middle));
    }
    return this.max;
  }
}
