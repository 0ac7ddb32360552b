/** One-way delays: of two clocks, so that they may be negative. */

/** Values that quantiles are made of; of more, every second, fourth … is kept. */
const MOST = 1 << 16;

export class DelaySamples {
  count = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;
  /** Interarrival jitter (RFC 3550, section 6.4.1), ns. */
  jitter = 0;
  #values = new Float64Array(1024);
  #kept = 0;
  #stride = 1;
  #last = 0;

  /** The delay of the next packet that came, ns. */
  add(delayNs: number): void {
    if (this.count > 0) this.jitter += (Math.abs(delayNs - this.#last) - this.jitter) / 16;
    this.#last = delayNs;
    if (this.count % this.#stride === 0) this.#keep(delayNs);
    this.count++;
    this.sum += delayNs;
    if (delayNs < this.min) this.min = delayNs;
    if (delayNs > this.max) this.max = delayNs;
  }

  /** The delays that these shares of all do not exceed; null when there is none. */
  quantiles(...shares: readonly number[]): (number | null)[] {
    const sorted = this.#values.slice(0, this.#kept).sort();
    return shares.map((share) => sorted[Math.max(0, Math.ceil(share * this.#kept) - 1)] ?? null);
  }

  #keep(value: number): void {
    if (this.#kept === MOST) {
      for (let at = 0; at < MOST / 2; at++) this.#values[at] = this.#values[at * 2]!;
      this.#kept = MOST / 2;
      this.#stride *= 2;
      if (this.count % this.#stride !== 0) return;
    }
    if (this.#kept === this.#values.length) {
      const more = new Float64Array(this.#kept * 2);
      more.set(this.#values);
      this.#values = more;
    }
    this.#values[this.#kept++] = value;
  }
}
