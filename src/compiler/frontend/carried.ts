/** What loops carry from round to round: ranges that are assumed, and widened until each round leaves them as they were. */
import { isWithin, union, type Range } from "../ssa/range.ts";
import { grown } from "./growth.ts";
import { MAX_SAFE } from "./integers.ts";

/** A variable that changes from round to round, as the loop's head knows it. */
export interface Carried {
  kind: "integer" | "boolean";
  type: "number" | "bigint";
  low: bigint;
  high: bigint;
  /** Whether the verifier will find the register in that range, too. */
  known: boolean;
  widenings: number;
  /** What it enters the loop with. */
  initial: Range;
  /** At most what each round adds, where `low..high` counts on that. */
  growth: Range | null;
  /** How often the range was made of what rounds add. */
  growths: number;
  /** As many rounds as `low..high` counts on then. */
  rounds: bigint;
}

/** A variable at the end of a round. */
export interface Carry {
  readonly name: string;
  readonly assumed: Carried;
  readonly now: Range;
  /** What the round adds to it, where that is known. */
  readonly growth: Range | null;
  /** Each round takes it down to half or less. */
  readonly isHalved: boolean;
}

/** So often a variable's range is widened by what was seen alone. */
export const SEEN_WIDENINGS = 2;

/** Bits more than what was seen has. */
const steps = [0, 4, 16];

/** So often a range is made of what rounds add, or waits for what that takes. */
const MOST_GROWTHS = 4;

/**
 * True when each variable stays in the range that was assumed of it. Otherwise the assumptions are better afterwards.
 * `mostRounds`: of a `range()`; other loops run as often as one of their variables can grow. `inTest`: names in the loop's test.
 */
export const settle = (carries: readonly Carry[], mostRounds: bigint | null, inTest: ReadonlySet<string>): boolean => {
  const rounds = mostRounds ?? roundsOf(carries);
  const moving = carries.filter((carry) => !staysIn(carry, rounds));
  const isTestOpen = mostRounds === null && moving.some(({ name }) => inTest.has(name));
  for (const carry of moving) {
    const { assumed, growth, name } = carry;
    const wider = widened(carry);
    assumed.widenings++;
    if (growth !== null && assumed.growths < MOST_GROWTHS) {
      const range = rounds === null ? null : grownFrom(assumed, growth, rounds);
      // What a test bounds settles closer by what was seen of it.
      if (range !== null && (mostRounds !== null || isWithin(range, wider))) {
        assumed.growths++;
        Object.assign(assumed, range, { growth, rounds });
        continue;
      }
      // How often the loop runs is not known before its test has settled.
      if (isTestOpen && !inTest.has(name) && isAtLimit(assumed, wider)) {
        assumed.growths++;
        continue;
      }
    }
    Object.assign(assumed, wider, { growth: null });
  }
  return moving.length === 0;
};

const staysIn = ({ assumed, now, growth }: Carry, rounds: bigint | null): boolean =>
  isWithin(now, assumed) ||
  (growth !== null &&
    assumed.growth !== null &&
    isWithin(growth, assumed.growth) &&
    rounds !== null &&
    rounds <= assumed.rounds);

/**
 * How often the loop goes on to another round, at most: as often as a variable that each round moves by 1 or more, and that
 * stays in its range without this, can be moved; or as a variable that each round halves has bits.
 */
const roundsOf = (carries: readonly Carry[]): bigint | null => {
  let rounds: bigint | null = null;
  for (const { assumed, now, growth, isHalved } of carries) {
    if (isHalved && isWithin(now, assumed) && assumed.initial.low >= 0n) {
      const bits = BigInt(assumed.initial.high.toString(2).length);
      if (rounds === null || bits < rounds) rounds = bits;
    }
    // Bigints may have been wrapped, which is no operation.
    if (growth === null || assumed.type === "bigint" || !isWithin(now, assumed)) continue;
    const { initial } = assumed;
    const own =
      growth.low > 0n
        ? (now.high - initial.low) / growth.low
        : growth.high < 0n
          ? (initial.high - now.low) / -growth.high
          : null;
    if (own !== null && (rounds === null || own < rounds)) rounds = own > 0n ? own : 0n;
  }
  return rounds;
};

/** What rounds make of it; null when that may be more than the type holds. */
const grownFrom = (assumed: Carried, growth: Range, rounds: bigint): Range | null => {
  const range = union(assumed.initial, grown(assumed.initial, growth, rounds));
  const [least, most] = limitsOf(assumed);
  return range.low + growth.low < least || range.high + growth.high > most ? null : range;
};

const limitsOf = ({ type }: Carried): readonly [bigint, bigint] =>
  type === "number" ? [-MAX_SAFE, MAX_SAFE] : [0n, (1n << 64n) - 1n];

const isAtLimit = (assumed: Carried, { low, high }: Range): boolean => {
  const [least, most] = limitsOf(assumed);
  return (low === least && low < assumed.low) || (high === most && high > assumed.high);
};

/**
 * First by what was seen; then, when that does not settle, to a whole number of bits and in growing steps to the type's
 * limits: a variable that is masked at the end of a round settles at its mask.
 */
const widened = ({ assumed, now }: Carry): Range => {
  const settles = assumed.widenings - SEEN_WIDENINGS;
  const [least, most] = limitsOf(assumed);
  const low = now.low >= assumed.low ? assumed.low : settles >= 0 ? least : now.low;
  if (now.high <= assumed.high) return { low, high: assumed.high };
  const bits = now.high.toString(2).length + (steps[settles] ?? 64);
  const stepped = (1n << BigInt(bits)) - 1n;
  return { low, high: settles < 0 ? now.high : stepped < most ? stepped : most };
};
