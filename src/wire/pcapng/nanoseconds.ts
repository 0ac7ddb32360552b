/** Seconds and nanoseconds to a 64-bit count of nanoseconds, in two words, without a bigint. */

const BILLION = 1_000_000_000;
const WORD = 2 ** 32;

export class NanosecondWords {
  /** 32 bits each, as signed numbers: V8 keeps those where they are, and makes an object of a larger one. */
  high = 0;
  low = 0;
  /** The words of whole seconds: packets come many a second. */
  #seconds = -1;
  #high = 0;
  #low = 0;

  /** `seconds` below 2^32, `nanoseconds` below 10^9. */
  set(seconds: number, nanoseconds: number): this {
    if (seconds !== this.#seconds) this.#start(seconds);
    const low = this.#low + nanoseconds;
    this.low = low | 0;
    this.high = low < WORD ? this.#high : (this.#high + 1) | 0;
    return this;
  }

  #start(seconds: number): void {
    // Halves of the seconds, so that every product is exact.
    const upper = (seconds >>> 16) * BILLION;
    const lower = (seconds & 0xffff) * BILLION;
    const low = (upper % 0x10000) * 0x10000 + (lower % WORD);
    this.#seconds = seconds;
    this.#high = (Math.floor(upper / 0x10000) + Math.floor(lower / WORD) + (low >= WORD ? 1 : 0)) | 0;
    this.#low = low % WORD;
  }
}
