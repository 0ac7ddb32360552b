/** Seconds and nanoseconds to a 64-bit count of nanoseconds, in two words, without a bigint. */

const BILLION = 1_000_000_000;
const WORD = 2 ** 32;

export class NanosecondWords {
  high = 0;
  low = 0;

  /** `seconds` below 2^32, `nanoseconds` below 10^9. */
  set(seconds: number, nanoseconds: number): this {
    // Halves of the seconds, so that every product is exact.
    const upper = (seconds >>> 16) * BILLION;
    const lower = (seconds & 0xffff) * BILLION + nanoseconds;
    const low = (upper % 0x10000) * 0x10000 + (lower % WORD);
    this.high = Math.floor(upper / 0x10000) + Math.floor(lower / WORD) + (low >= WORD ? 1 : 0);
    this.low = low % WORD;
    return this;
  }
}
