/** How far packets were overtaken: RFC 4737, section 4.2. */

/** A power of two. */
const KEPT = 1 << 13;

/**
 * Remembers when each new highest number came, for the last 8,192 of them: the first packet that overtook another is one of
 * those.
 */
export class ReorderExtent {
  readonly #numbers = new Float64Array(KEPT);
  readonly #arrivals = new Float64Array(KEPT);
  readonly #times = new Float64Array(KEPT);
  #count = 0;

  /** A number higher than all before came, as the arrival of this number. */
  raise(number: number, arrival: number, timeNs: number): void {
    const at = this.#count & (KEPT - 1);
    this.#numbers[at] = number;
    this.#arrivals[at] = arrival;
    this.#times[at] = timeNs;
    this.#count++;
  }

  /**
   * Index of the first that overtook `number`, for {@link arrivalAt} and {@link timeAt}; -1 when it is not remembered any more.
   * One that is higher must have come.
   */
  overtaker(number: number): number {
    const oldest = Math.max(0, this.#count - KEPT);
    if (this.#numberAt(oldest) > number && oldest > 0) return -1;
    let low = oldest;
    let high = this.#count - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#numberAt(middle) > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  arrivalAt(index: number): number {
    return this.#arrivals[index & (KEPT - 1)]!;
  }

  timeAt(index: number): number {
    return this.#times[index & (KEPT - 1)]!;
  }

  clear(): void {
    this.#count = 0;
  }

  #numberAt(index: number): number {
    return this.#numbers[index & (KEPT - 1)]!;
  }
}
