/** An interface's timestamps to seconds and nanoseconds, without a bigint a packet. */

const BILLION = 1_000_000_000;

/** Timestamps are 64-bit counts of 1/`unitsPerSecond`; the upper half changes every few seconds at most, and is worked out then. */
export class InterfaceClock {
  seconds = 0;
  nanoseconds = 0;
  readonly #units: bigint;
  readonly #offset: bigint;
  /** Units a second and nanoseconds a unit where both are exact as numbers, else 0. */
  readonly #unitsPerSecond: number;
  readonly #nsPerUnit: number;
  #high = -1;
  #baseSeconds = 0;
  #baseUnits = 0;

  /** `offset`: seconds to add. */
  constructor(unitsPerSecond: bigint, offset: bigint) {
    this.#units = unitsPerSecond;
    this.#offset = offset;
    const simple = BigInt(BILLION) % unitsPerSecond === 0n;
    this.#unitsPerSecond = simple ? Number(unitsPerSecond) : 0;
    this.#nsPerUnit = simple ? BILLION / Number(unitsPerSecond) : 0;
  }

  /** Sets `seconds` and `nanoseconds`, modulo 2^32 seconds. */
  read(high: number, low: number): void {
    if (this.#nsPerUnit === 0) {
      this.#readExactly(high, low);
      return;
    }
    if (high !== this.#high) this.#start(high);
    const units = this.#baseUnits + low;
    const whole = Math.floor(units / this.#unitsPerSecond);
    this.seconds = this.#baseSeconds + whole;
    this.nanoseconds = (units - whole * this.#unitsPerSecond) * this.#nsPerUnit;
  }

  #start(high: number): void {
    this.#high = high;
    const units = BigInt(high) << 32n;
    this.#baseSeconds = Number(BigInt.asUintN(32, units / this.#units + this.#offset));
    this.#baseUnits = Number(units % this.#units);
  }

  #readExactly(high: number, low: number): void {
    const units = (BigInt(high) << 32n) | BigInt(low);
    this.seconds = Number(BigInt.asUintN(32, units / this.#units + this.#offset));
    this.nanoseconds = Number(((units % this.#units) * BigInt(BILLION)) / this.#units);
  }
}
