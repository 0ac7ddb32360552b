/** JavaScript's own functions of numbers, powers, and questions that have one answer. */
import { make, type BigintText } from "./bigint-text.ts";
import { corners, greater, I32_MAX, MAX_SAFE, U32_MAX, type Interval } from "./interval.ts";
import { exact, exactNumber, numberWithin, type NumberText } from "./number-text.ts";
import type { Writing } from "./writing.ts";

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

export const mathCall = (w: Writing, depth: number): NumberText =>
  w.random.pick([absolute, sign, leadingZeros, whole, quotient, power, powerOfTwo, plus])(w, depth);

const absolute = (w: Writing, depth: number): NumberText => {
  const { text, low, high } = exactNumber(w, depth - 1);
  const least = low > 0n ? low : high < 0n ? -high : 0n;
  return exact(`Math.abs(${text})`, least, greater(magnitude(low), magnitude(high)));
};

const sign = (w: Writing, depth: number): NumberText => exact(`Math.sign(${exactNumber(w, depth - 1).text})`, -1n, 1n);

const leadingZeros = (w: Writing, depth: number): NumberText =>
  exact(`Math.clz32(${w.expressions.number(w, depth - 1).text})`, 0n, 32n);

/** Of what is whole already. */
const whole = (w: Writing, depth: number): NumberText => {
  const { text, low, high } = exactNumber(w, depth - 1);
  return exact(`Math.${w.random.pick(["ceil", "round", "floor", "trunc"])}(${text})`, low, high);
};

const quotient = (w: Writing, depth: number): NumberText => {
  const a = numberWithin(w, 0n, w.random.pick([0xffffn, U32_MAX, 1n << 44n]), depth - 1);
  const b = numberWithin(w, 0n, w.random.pick([0xffn, 0xffffn, I32_MAX]), depth - 1);
  const most = a.high + 1n;
  return exact(`Math.${w.random.pick(["ceil", "round"])}(${a.text} / (${b.text} + 1))`, 0n, most);
};

/** Of each exponent, how far a base may go that its power stays exact. */
const bases: readonly (readonly [exponent: number, bound: bigint])[] = [
  [1, MAX_SAFE],
  [2, 1n << 26n],
  [3, 1n << 17n],
  [5, 1n << 10n],
  [8, 1n << 6n],
];

const powered = (base: Interval, exponent: number): Interval =>
  Array.from({ length: exponent - 1 }).reduce<Interval>((all) => corners(all, base, (x, y) => x * y), base);

const power = (w: Writing, depth: number): NumberText => {
  const [exponent, bound] = w.random.pick(bases);
  const base = numberWithin(w, w.random.chance(0.3) ? -bound : 0n, bound - 1n, depth - 1);
  const { low, high } = powered(base, exponent);
  const text = w.random.chance(0.3) ? `Math.pow(${base.text}, ${exponent})` : `((${base.text}) ** ${exponent})`;
  return exact(text, low, high);
};

const powerOfTwo = (w: Writing, depth: number): NumberText => {
  const { text, low, high } = numberWithin(w, 0n, w.random.pick([15n, 31n, 52n]), depth - 1);
  return exact(`(2 ** (${text}))`, 1n << low, 1n << high);
};

const plus = (w: Writing, depth: number): NumberText => {
  if (w.random.chance(0.5)) return exact(`(+(${w.expressions.condition(w, depth - 1)}))`, 0n, 1n);
  const { text, low, high } = exactNumber(w, depth - 1);
  return exact(`(+(${text}))`, low, high);
};

/** A bigint that a register holds as a signed number of 64 bits. */
export const signedBigint = (w: Writing, depth: number): BigintText => {
  const bits = w.random.pick([64, 64, 64, 8, 13, 32, 53]);
  const half = 1n << BigInt(bits - 1);
  return make(`BigInt.asIntN(${bits}, ${w.expressions.bigint(w, depth - 1).text})`, -half, half - 1n);
};

export const bigintPower = (w: Writing, depth: number): BigintText => {
  if (w.random.chance(0.4)) {
    const { text, low, high } = numberWithin(w, 0n, 63n, depth - 1);
    return make(`(2n ** BigInt(${text}))`, 1n << low, 1n << high);
  }
  const exponent = w.random.pick([1, 2, 2, 3, 4]);
  const base = w.expressions.bigint(w, depth - 1);
  const { low, high } = powered(base, exponent);
  return make(`((${base.text}) ** ${exponent}n)`, low, high);
};

/** Comparisons with fractions, and what is known of a number. */
export const asked = (w: Writing, depth: number): string => {
  const { random } = w;
  const { text } = exactNumber(w, depth - 1);
  const fraction = random.pick(["0.5", "-0.5", "99.5", "0.01 * 2 ** 32", "1e-3", "2 ** 31 + 0.25"]);
  return random.pick([
    () => `(${text} ${random.pick(["<", "<=", ">", ">=", "!=="])} ${fraction})`,
    () => `(${fraction} ${random.pick(["<", ">=", "==="])} ${text})`,
    () => `Boolean(${text})`,
    () => `Number.${random.pick(["isInteger", "isSafeInteger", "isFinite", "isNaN"])}(${text})`,
    () => `(typeof (${text}) === "number")`,
  ])();
};

export const compareSigned = (w: Writing, depth: number): string => {
  const other = w.random.pick([() => signedBigint(w, depth).text, () => "-5n", () => "(-1n << 40n)", () => "0n"])();
  const sides = [signedBigint(w, depth).text, other];
  const [a, b] = w.random.chance(0.7) ? sides : sides.reverse();
  return `(${a} ${w.random.pick(["<", "<=", ">", ">=", "===", "!=="])} ${b})`;
};
