/** Random `number` expressions with the range that the language's rules give them. */
import { bigintWithin } from "./bigint-text.ts";
import { helperCall } from "./calls.ts";
import {
  I32_MAX,
  I32_MIN,
  MAX_SAFE,
  U32_MAX,
  corners,
  fillBits,
  greater,
  isWithin,
  lesser,
  union,
} from "./interval.ts";
import { FIND } from "./parts.ts";
import { ofArray } from "./arrays.ts";
import { mathCall, signedBigint } from "./math.ts";
import { sharedRead } from "./atomics.ts";
import { checksumCall } from "./bytes.ts";
import { computedConstant } from "./constants.ts";
import { contextNumber } from "./contexts.ts";
import { anyPlace, isNumber, optionalPlace, readText } from "./places.ts";
import { exact, exactNumber, fit, numberWithin, wrapped, type NumberText } from "./number-text.ts";
import type { Writing } from "./writing.ts";

const interesting = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  10,
  14,
  15,
  16,
  31,
  32,
  40,
  63,
  64,
  100,
  127,
  128,
  255,
  256,
  1000,
  1500,
  0x7fff,
  0x8000,
  0xffff,
  0x10000,
  0xffffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  0x100000000,
  2 ** 40 + 3,
  2 ** 48 - 1,
  2 ** 53 - 1,
];

export const constantNumber = (w: Writing): NumberText => {
  const { random } = w;
  const value = random.chance(0.75)
    ? random.pick(random.chance(0.6) ? interesting.slice(0, 20) : interesting)
    : random.chance(0.5)
      ? random.below(65_536)
      : random.u32();
  const signed = random.chance(0.08) ? -value : value;
  const digits = random.chance(0.3) && signed >= 0 ? `0x${signed.toString(16)}` : String(signed === 0 ? 0 : signed);
  return exact(signed < 0 ? `(${digits})` : digits, BigInt(signed), BigInt(signed));
};

/** Any number, exact or not. */
export const number = (w: Writing, depth: number): NumberText => {
  const { random } = w;
  if (depth <= 0 || random.chance(0.15)) return leaf(w);
  return random.weighted<() => NumberText>([
    [10, () => arithmetic(w, depth)],
    [6, () => bitwise(w, depth)],
    [6, () => shift(w, depth)],
    [3, () => division(w, depth)],
    [2, () => multiply32(w, depth)],
    [2, () => complement(w, depth)],
    [4, () => mathCall(w, depth)],
    [2, () => ofArray(w, depth)],
    [2, () => negated(w, depth)],
    [2, () => extreme(w, depth)],
    [4, () => conditional(w, depth)],
    [2, () => ofBigint(w, depth)],
    [1, () => exact(`Number(${w.expressions.condition(w, depth - 1)})`, 0n, 1n)],
    [1, () => logical(w, depth)],
    [1, () => orElse(w, depth)],
    [1, () => checksumCall(w, depth)],
    [w.helpers.length === 0 || w.pure > 0 ? 0 : 2, () => fromHelper(w)],
    [w.pure > 0 ? 0 : 1, () => assignment(w, depth)],
    [w.pure > 0 ? 0 : 1, () => update(w)],
    [w.pure > 0 ? 0 : 1, () => sequence(w, depth)],
  ])();
};

const leaf = (w: Writing): NumberText => {
  const { random } = w;
  const variables = w.scope.variables().filter((variable) => variable.kind === "number");
  if (variables.length > 0 && random.chance(0.4)) {
    const variable = random.pick(variables);
    if (variable.kind !== "number") throw new Error("unreachable: filtered");
    return { ...w.scope.rangeOf(variable), text: variable.name, wrapped: variable.wrapped };
  }
  if (random.chance(0.65)) {
    const place = anyPlace(w, isNumber);
    if (place !== null && place.type.kind === "number") {
      return exact(sharedRead(w, place), place.type.range.low, place.type.range.high);
    }
  }
  if (random.chance(0.35)) return surroundings(w);
  return constantNumber(w);
};

/** What the context and the environment say. */
const surroundings = (w: Writing): NumberText => {
  return w.random.weighted<() => NumberText>([
    [w.hasContext ? 9 : 0, () => contextNumber(w)],
    [2, () => computedConstant(w)],
    [2, () => exact("randomU32()", 0n, U32_MAX)],
    [1, () => exact("cpuId()", 0n, U32_MAX)],
    [w.parts.tables.length === 0 ? 0 : 1, () => tableCell(w)],
    [w.parts.tables.length === 0 ? 0 : 1, () => recursion(w)],
  ])();
};

const tableCell = (w: Writing): NumberText => {
  const table = w.random.pick(w.parts.tables);
  const row = w.random.below(table.rows.length);
  const value = BigInt((table.rows[row] as { a: number }).a);
  return exact(`${table.name}[${row}]!.a`, value, value);
};

/** A helper that calls itself once for each row of the table. */
const recursion = (w: Writing): NumberText => {
  const table = w.random.pick(w.parts.tables);
  return exact(`${FIND}(${table.name}, 0, ${exactNumber(w, 1).text})`, 0n, BigInt(table.rows.length));
};

const arithmetic = (w: Writing, depth: number): NumberText => {
  const a = exactNumber(w, depth - 1);
  const b = exactNumber(w, depth - 1);
  const operator = w.random.pick(["+", "+", "-", "-", "*"]);
  const apply = (x: bigint, y: bigint): bigint => (operator === "+" ? x + y : operator === "-" ? x - y : x * y);
  const range = corners(a, b, apply);
  if (isWithin(range, -MAX_SAFE, MAX_SAFE)) return exact(`(${a.text} ${operator} ${b.text})`, range.low, range.high);
  const bound = operator === "*" ? 0xff_ffffn : U32_MAX;
  const [x, y] = [fit(w, a, 0n, bound), fit(w, b, 0n, bound)];
  const narrowed = corners(x, y, apply);
  return exact(`(${x.text} ${operator} ${y.text})`, narrowed.low, narrowed.high);
};

const bitwise = (w: Writing, depth: number): NumberText => {
  const a = number(w, depth - 1);
  const b = w.random.chance(0.4) ? constantNumber(w) : number(w, depth - 1);
  const operator = w.random.pick(["&", "&", "|", "^"]);
  const text = `(${a.text} ${operator} ${b.text})`;
  const small = (value: NumberText): boolean => !value.wrapped && isWithin(value, 0n, I32_MAX);
  if (operator === "&") {
    if (!small(a) && !small(b)) return wrapped(text);
    return exact(text, 0n, small(a) && small(b) ? lesser(a.high, b.high) : small(a) ? a.high : b.high);
  }
  if (!small(a) || !small(b)) return wrapped(text);
  return exact(text, operator === "|" ? greater(a.low, b.low) : 0n, fillBits(greater(a.high, b.high)));
};

const shift = (w: Writing, depth: number): NumberText => {
  const a = number(w, depth - 1);
  const count = shiftCount(w, depth);
  switch (w.random.below(3)) {
    case 0: {
      const text = `(${a.text} << ${count.text})`;
      if (a.wrapped || !isWithin(a, 0n, I32_MAX) || a.high << count.high > I32_MAX) return wrapped(text);
      return exact(text, a.low << count.low, a.high << count.high);
    }
    case 1: {
      const [low, high] = !a.wrapped && isWithin(a, 0n, U32_MAX) ? [a.low, a.high] : [0n, U32_MAX];
      return exact(`(${a.text} >>> ${count.text})`, low >> count.high, high >> count.low);
    }
    default: {
      const [low, high] = !a.wrapped && isWithin(a, I32_MIN, I32_MAX) ? [a.low, a.high] : [I32_MIN, I32_MAX];
      const least = low < 0n ? low >> count.low : low >> count.high;
      return exact(`(${a.text} >> ${count.text})`, least, high < 0n ? high >> count.high : high >> count.low);
    }
  }
};

const shiftCount = (w: Writing, depth: number): NumberText => {
  if (w.random.chance(0.7)) {
    const count = w.random.pick([0, 1, 2, 3, 4, 7, 8, 12, 16, 24, 31]);
    return exact(String(count), BigInt(count), BigInt(count));
  }
  return numberWithin(w, 0n, w.random.pick([3n, 7n, 15n, 31n]), depth - 1);
};

/** At least 1, so that it can be divided by. */
const divisor = (w: Writing, depth: number): NumberText => {
  if (w.random.chance(0.6)) {
    const value = w.random.pick([
      1,
      2,
      3,
      5,
      7,
      8,
      10,
      16,
      100,
      255,
      256,
      1000,
      0xffff,
      0x10000,
      0x7fffffff,
      0xffffffff,
      2 ** 33,
    ]);
    return exact(String(value), BigInt(value), BigInt(value));
  }
  const value = numberWithin(w, 0n, w.random.pick([0xffn, 0xffffn, I32_MAX]), depth - 1);
  return w.random.chance(0.5)
    ? exact(`(${value.text} | 1)`, 1n, greater(1n, fillBits(value.high)))
    : exact(`(${value.text} + 1)`, value.low + 1n, value.high + 1n);
};

const division = (w: Writing, depth: number): NumberText => {
  const drawn = exactNumber(w, depth - 1);
  const a = drawn.low >= 0n ? drawn : exact(`(${drawn.text} >>> 0)`, 0n, U32_MAX);
  const b = divisor(w, depth);
  if (w.random.chance(0.5)) return exact(`(${a.text} % ${b.text})`, 0n, lesser(a.high, b.high - 1n));
  const name = w.random.chance(0.8) ? "trunc" : "floor";
  return exact(`Math.${name}(${a.text} / ${b.text})`, a.low / b.high, a.high / b.low);
};

const multiply32 = (w: Writing, depth: number): NumberText =>
  wrapped(`Math.imul(${number(w, depth - 1).text}, ${number(w, depth - 1).text})`);

const complement = (w: Writing, depth: number): NumberText => wrapped(`(~${number(w, depth - 1).text})`);

const negated = (w: Writing, depth: number): NumberText => {
  const value = exactNumber(w, depth - 1);
  return exact(`(-${value.text})`, -value.high, -value.low);
};

const extreme = (w: Writing, depth: number): NumberText => {
  const [a, b] = [exactNumber(w, depth - 1), exactNumber(w, depth - 1)];
  if (w.random.chance(0.15)) {
    const c = exactNumber(w, depth - 1);
    return exact(
      `Math.min(${a.text}, ${b.text}, ${c.text})`,
      lesser(lesser(a.low, b.low), c.low),
      lesser(lesser(a.high, b.high), c.high),
    );
  }
  return w.random.chance(0.5)
    ? exact(`Math.min(${a.text}, ${b.text})`, lesser(a.low, b.low), lesser(a.high, b.high))
    : exact(`Math.max(${a.text}, ${b.text})`, greater(a.low, b.low), greater(a.high, b.high));
};

const conditional = (w: Writing, depth: number): NumberText => {
  const test = w.expressions.condition(w, depth - 1);
  const [a, b] = [number(w, depth - 1), number(w, depth - 1)];
  return { text: `(${test} ? ${a.text} : ${b.text})`, ...union(a, b), wrapped: a.wrapped || b.wrapped };
};

/** `a && b` and `a || b` of numbers, as values. */
const logical = (w: Writing, depth: number): NumberText => {
  const [a, b] = [exactNumber(w, depth - 1), exactNumber(w, depth - 1)];
  const { low, high } = union(a, b);
  return exact(`(${a.text} ${w.random.pick(["&&", "||"])} ${b.text})`, low, high);
};

/** `view?.f0 ?? 3`. */
const orElse = (w: Writing, depth: number): NumberText => {
  const place = optionalPlace(w, isNumber);
  if (place === null || place.type.kind !== "number") return leaf(w);
  const other = number(w, depth - 1);
  return { text: `(${place.text} ?? ${other.text})`, ...union(place.type.range, other), wrapped: other.wrapped };
};

const ofBigint = (w: Writing, depth: number): NumberText => {
  const signed = w.random.chance(0.2) ? signedBigint(w, depth) : null;
  if (signed !== null && isWithin(signed, -MAX_SAFE, MAX_SAFE))
    return exact(`Number(${signed.text})`, signed.low, signed.high);
  const value = bigintWithin(w, w.random.pick([8, 16, 32, 48, 53]), depth - 1);
  return exact(`Number(${value.text})`, value.low, value.high);
};

const fromHelper = (w: Writing): NumberText => {
  const call = helperCall(w, "number");
  return call === null ? leaf(w) : { text: call.text, ...call.result.range, wrapped: call.result.wrapped };
};

/** An assignment or `x++` within an expression: the order of evaluation shows. */
const assignment = (w: Writing, depth: number): NumberText => {
  const targets = w.scope.variables().filter((variable) => variable.kind === "number" && variable.assignable);
  if (targets.length === 0) return leaf(w);
  const target = w.random.pick(targets);
  if (target.kind !== "number") throw new Error("unreachable: filtered");
  w.pure++;
  const value = numberWithin(w, target.range.low, target.range.high, depth - 1);
  w.pure--;
  return exact(`(${target.name} = ${value.text})`, value.low, value.high);
};

/** `(n = 3, 4)`. */
const sequence = (w: Writing, depth: number): NumberText => {
  const first = w.random.chance(0.5) ? assignment(w, depth) : update(w);
  const value = number(w, depth - 1);
  return { ...value, text: `(${first.text}, ${value.text} ${w.random.pick(["as", "satisfies"])} number)` };
};

/** `field++` and the like, as a value. */
const update = (w: Writing): NumberText => {
  const place = anyPlace(w, isNumber, (view) => view.writable);
  if (place === null || place.type.kind !== "number") return leaf(w);
  const { low, high } = place.type.range;
  const text = readText(place);
  switch (w.random.below(4)) {
    case 0:
      return exact(`(${text}++)`, low, high);
    case 1:
      return exact(`(${text}--)`, low, high);
    case 2:
      return exact(`(++${text})`, low + 1n, high + 1n);
    default:
      return exact(`(--${text})`, low - 1n, high - 1n);
  }
};
