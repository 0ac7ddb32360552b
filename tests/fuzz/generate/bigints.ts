/** Random `bigint` expressions. They may leave 0..2^64-1 where the language lets them. */
import { bigintWithin, cut, exactBigint, isU64, make, type BigintText } from "./bigint-text.ts";
import { helperCall } from "./calls.ts";
import { U64_MAX, corners, fillBits, greater, lesser, union } from "./interval.ts";
import { exactNumber, numberWithin } from "./number-text.ts";
import { bigintPower, signedBigint } from "./math.ts";
import { sharedRead } from "./atomics.ts";
import { hashCall } from "./bytes.ts";
import { contextBigints } from "./contexts.ts";
import { anyPlace, isBigint, optionalPlace } from "./places.ts";
import type { Writing } from "./writing.ts";

/** What the language knows of `&`, `|` and `^` of values that may be negative or wide. */
const FAR = 1n << 200n;

const interesting = [
  0n,
  1n,
  2n,
  3n,
  10n,
  0xffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  1n << 48n,
  (1n << 53n) - 1n,
  1n << 56n,
  (1n << 63n) - 1n,
  1n << 63n,
  U64_MAX - 1n,
  U64_MAX,
  0x0123_4567_89ab_cdefn,
];

export const constantBigint = (w: Writing): BigintText => {
  const value = w.random.chance(0.7) ? w.random.pick(interesting) : w.random.bigint(w.random.pick([16, 32, 64]));
  return make(`${value}n`, value, value);
};

/** Any bigint, also below 0 or past 2^64. */
export const anyBigint = (w: Writing, depth: number): BigintText => {
  const { random } = w;
  if (depth <= 0 || random.chance(0.2)) return leaf(w);
  return random.weighted<() => BigintText>([
    [10, () => arithmetic(w, depth)],
    [6, () => bitwise(w, depth)],
    [4, () => shift(w, depth)],
    [3, () => division(w, depth)],
    [1, () => negated(w, depth)],
    [3, () => conditional(w, depth)],
    [4, () => ofNumber(w, depth)],
    [1, () => orElse(w, depth)],
    [1, () => hashCall(w, depth)],
    [1, () => signedBigint(w, depth)],
    [1, () => bigintPower(w, depth)],
    [3, () => cut(w, anyBigint(w, depth - 1), random.pick([1, 8, 13, 16, 24, 32, 33, 40, 48, 56, 63, 64]))],
    [w.helpers.length === 0 || w.pure > 0 ? 0 : 2, () => fromHelper(w)],
    [w.pure > 0 ? 0 : 1, () => assignment(w, depth)],
  ])();
};

const leaf = (w: Writing): BigintText => {
  const { random } = w;
  const variables = w.scope.variables().filter((variable) => variable.kind === "bigint");
  if (variables.length > 0 && random.chance(0.45)) {
    const variable = random.pick(variables);
    if (variable.kind !== "bigint") throw new Error("unreachable: filtered");
    return { ...w.scope.rangeOf(variable), text: variable.name };
  }
  if (random.chance(0.6)) {
    const place = anyPlace(w, isBigint);
    if (place !== null && place.type.kind === "bigint") {
      return make(sharedRead(w, place), place.type.range.low, place.type.range.high);
    }
  }
  if (random.chance(0.2)) return make(random.pick(["monotonicNs()", "taiNs()", ...contextBigints(w)]), 0n, U64_MAX);
  if (random.chance(0.3)) return ofNumber(w, 1);
  return constantBigint(w);
};

/** `view?.f0 ?? 3n`. */
const orElse = (w: Writing, depth: number): BigintText => {
  const place = optionalPlace(w, isBigint);
  if (place === null || place.type.kind !== "bigint") return leaf(w);
  const other = anyBigint(w, depth - 1);
  const { low, high } = union(place.type.range, other);
  return make(`(${place.text} ?? ${other.text})`, low, high);
};

const arithmetic = (w: Writing, depth: number): BigintText => {
  const [a, b] = [anyBigint(w, depth - 1), anyBigint(w, depth - 1)];
  const operator = w.random.pick(["+", "+", "-", "-", "*"]);
  const range = corners(a, b, (x, y) => (operator === "+" ? x + y : operator === "-" ? x - y : x * y));
  return make(`(${a.text} ${operator} ${b.text})`, range.low, range.high);
};

const bitwise = (w: Writing, depth: number): BigintText => {
  const [a, b] = [anyBigint(w, depth - 1), anyBigint(w, depth - 1)];
  const operator = w.random.pick(["&", "|", "^"]);
  const text = `(${a.text} ${operator} ${b.text})`;
  if (operator === "&") {
    if (!isU64(a) && !isU64(b)) return make(text, -FAR, FAR);
    return make(text, 0n, isU64(a) && isU64(b) ? lesser(a.high, b.high) : isU64(a) ? a.high : b.high);
  }
  if (!isU64(a) || !isU64(b)) return make(text, -FAR, FAR);
  return make(text, 0n, fillBits(greater(a.high, b.high)));
};

const shift = (w: Writing, depth: number): BigintText => {
  const count = shiftCount(w, depth);
  if (w.random.chance(0.5)) {
    const a = anyBigint(w, depth - 1);
    const low = a.low < 0n ? a.low << count.high : a.low << count.low;
    return make(`(${a.text} << ${count.text})`, low, a.high << count.high);
  }
  const a = exactBigint(w, depth - 1);
  return make(`(${a.text} >> ${count.text})`, a.low >> count.high, a.high >> count.low);
};

const shiftCount = (w: Writing, depth: number): BigintText => {
  if (w.random.chance(0.7)) {
    const count = w.random.pick([0n, 1n, 4n, 8n, 16n, 31n, 32n, 33n, 48n, 63n]);
    return make(`${count}n`, count, count);
  }
  const most = w.random.pick([7n, 31n, 63n]);
  if (w.random.chance(0.5)) {
    const count = numberWithin(w, 0n, most, depth - 1);
    return make(`BigInt(${count.text})`, count.low, count.high);
  }
  return make(`(${anyBigint(w, depth - 1).text} & ${most}n)`, 0n, most);
};

const division = (w: Writing, depth: number): BigintText => {
  const a = exactBigint(w, depth - 1);
  const b = divisor(w, depth);
  if (w.random.chance(0.5)) return make(`(${a.text} % ${b.text})`, 0n, lesser(a.high, b.high - 1n));
  return make(`(${a.text} / ${b.text})`, a.low / b.high, a.high / b.low);
};

const divisor = (w: Writing, depth: number): BigintText => {
  if (w.random.chance(0.6)) {
    const value = w.random.pick([
      1n,
      2n,
      3n,
      10n,
      16n,
      1000n,
      1n << 31n,
      1n << 32n,
      1_000_000_007n,
      1n << 63n,
      U64_MAX,
    ]);
    return make(`${value}n`, value, value);
  }
  const value = bigintWithin(w, w.random.pick([8, 32, 63]), depth - 1);
  return w.random.chance(0.5)
    ? make(`(${value.text} + 1n)`, value.low + 1n, value.high + 1n)
    : make(`BigInt(${numberWithin(w, 1n, 1000n, depth - 1).text})`, 1n, 1000n);
};

const negated = (w: Writing, depth: number): BigintText => {
  const value = anyBigint(w, depth - 1);
  if (w.random.chance(0.5)) return make(`(~${value.text})`, -value.high - 1n, -value.low - 1n);
  return make(`(-${value.text})`, -value.high, -value.low);
};

const conditional = (w: Writing, depth: number): BigintText => {
  const test = w.expressions.condition(w, depth - 1);
  const [a, b] = [anyBigint(w, depth - 1), anyBigint(w, depth - 1)];
  const { low, high } = union(a, b);
  return make(`(${test} ? ${a.text} : ${b.text})`, low, high);
};

const ofNumber = (w: Writing, depth: number): BigintText => {
  const value = exactNumber(w, depth - 1);
  return make(`BigInt(${value.text})`, value.low, value.high);
};

const fromHelper = (w: Writing): BigintText => {
  const call = helperCall(w, "bigint");
  return call === null ? leaf(w) : make(call.text, call.result.range.low, call.result.range.high);
};

const assignment = (w: Writing, depth: number): BigintText => {
  const targets = w.scope.variables().filter((variable) => variable.kind === "bigint" && variable.assignable);
  if (targets.length === 0) return leaf(w);
  const target = w.random.pick(targets);
  w.pure++;
  const value = exactBigint(w, depth - 1);
  w.pure--;
  return make(`(${target.name} = ${value.text})`, value.low, value.high);
};
