/** Intervals of signed 64-bit values: what an operation's result can be, given its operands' intervals. */

export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

export const S64_MIN = -(1n << 63n);
export const S64_MAX = (1n << 63n) - 1n;
export const U32_MAX = (1n << 32n) - 1n;
export const U64_MAX = (1n << 64n) - 1n;

export const anyRange: Range = { low: S64_MIN, high: S64_MAX };

/** What lies in both. */
export const intersect = (a: Range, b: Range): Range => ({
  low: a.low > b.low ? a.low : b.low,
  high: a.high < b.high ? a.high : b.high,
});

/** What lies in either, and between them. */
export const union = (a: Range, b: Range): Range => ({
  low: a.low < b.low ? a.low : b.low,
  high: a.high > b.high ? a.high : b.high,
});

export const isWithin = (inner: Range, outer: Range): boolean => inner.low >= outer.low && inner.high <= outer.high;

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

const ones: readonly bigint[] = Array.from({ length: 65 }, (_, bits) => (1n << BigInt(bits)) - 1n);

/** The lowest `bits` bits. */
export const lowOnes = (bits: number): bigint => ones[bits] ?? (1n << BigInt(bits)) - 1n;

/** Digits of `value` (not negative) in base 2: of 0 it is one. */
export const bitLength = (value: bigint): number => {
  if (value > U64_MAX) return value.toString(2).length;
  const isLong = value > U32_MAX;
  const top = Number(isLong ? value >> 32n : value);
  return Math.max(1, (isLong ? 64 : 32) - Math.clz32(top));
};

/** All ones up to and including the highest bit of `value` (not negative). */
export const fillBits = (value: bigint): bigint => lowOnes(bitLength(value));

const clamp = (low: bigint, high: bigint): Range => (low < S64_MIN || high > S64_MAX ? anyRange : { low, high });

/**
 * Whether the verifier knows nothing of the result, not even that 32 bits' is shorter than 64: before Linux 6.11 it looks
 * into few operations whose right operand is no constant.
 */
export const isOpaque = (op: string, right: Range): boolean => right.low !== right.high && !transparent.has(op);

const transparent: ReadonlySet<string> = new Set(["add", "sub", "and"]);

export const rangeOf64 = (op: string, a: Range, b: Range): Range => {
  if (isOpaque(op, b)) return anyRange;
  switch (op) {
    case "add":
      return clamp(a.low + b.low, a.high + b.high);
    case "sub":
      return clamp(a.low - b.high, a.high - b.low);
    case "mul":
      // Before Linux 6.11 also nothing of negative factors, nor of longer ones than 32 bits.
      return a.low >= 0n && b.low >= 0n && a.high <= U32_MAX && b.high <= U32_MAX
        ? clamp(a.low * b.low, a.high * b.high)
        : anyRange;
    case "and": {
      if (a.low >= 0n && b.low >= 0n) return { low: 0n, high: min(a.high, b.high) };
      if (a.low >= 0n) return { low: 0n, high: a.high };
      if (b.low >= 0n) return { low: 0n, high: b.high };
      return anyRange;
    }
    case "or":
    case "xor":
      return a.low >= 0n && b.low >= 0n
        ? { low: op === "or" ? max(a.low, b.low) : 0n, high: fillBits(max(a.high, b.high)) }
        : anyRange;
    case "shl":
      return a.low >= 0n && b.low >= 0n && b.high < 64n ? clamp(a.low << b.low, a.high << b.high) : anyRange;
    case "shr":
      if (b.low < 0n || b.high > 63n) return anyRange;
      if (a.low >= 0n) return { low: a.low >> b.high, high: a.high >> b.low };
      return b.low > 0n ? { low: 0n, high: U64_MAX >> b.low } : anyRange;
    case "sar":
      return b.low >= 0n && b.high < 64n
        ? { low: min(a.low >> b.low, a.low >> b.high), high: max(a.high >> b.low, a.high >> b.high) }
        : anyRange;
    default:
      // Also of quotients and remainders: the verifier knows nothing of them.
      return anyRange;
  }
};
