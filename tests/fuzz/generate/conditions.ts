/** Random boolean expressions. */
import { address, anyFamily } from "./addresses.ts";
import { helperCall } from "./calls.ts";
import { exactBigint } from "./bigint-text.ts";
import { exactNumber } from "./number-text.ts";
import { askArray } from "./arrays.ts";
import { asked, compareSigned } from "./math.ts";
import { constantNumber } from "./numbers.ts";
import { optionalPlace } from "./places.ts";
import type { Writing } from "./writing.ts";

const orders = ["<", "<=", ">", ">=", "===", "!=="];

export const condition = (w: Writing, depth: number): string => {
  const { random } = w;
  const booleans = w.scope.variables().filter((variable) => variable.kind === "boolean");
  return random.weighted<() => string>([
    [10, () => compareNumbers(w, depth)],
    [5, () => compareBigints(w, depth)],
    [1, () => compareSigned(w, depth)],
    [1, () => asked(w, depth)],
    [depth > 0 ? 1 : 0, () => askArray(w, depth)],
    [depth > 0 ? 4 : 0, () => `(${condition(w, depth - 1)} ${random.pick(["&&", "||"])} ${condition(w, depth - 1)})`],
    [depth > 0 ? 2 : 0, () => `!${condition(w, depth - 1)}`],
    [depth > 0 ? 1 : 0, () => `(${condition(w, depth - 1)} ? ${condition(w, depth - 1)} : ${condition(w, depth - 1)})`],
    [depth > 0 ? 1 : 0, () => `(${condition(w, depth - 1)} ${random.pick(["===", "!=="])} ${condition(w, depth - 1)})`],
    [booleans.length === 0 ? 0 : 4, () => random.pick(booleans).name],
    [w.helpers.length === 0 || w.pure > 0 ? 0 : 1, () => helperCall(w, "boolean")?.text ?? compareNumbers(w, depth)],
    [2, () => compareAddresses(w)],
    [depth > 0 ? 2 : 0, () => compareOptional(w, depth)],
    [1, () => `(${exactNumber(w, depth - 1).text} !== 0)`],
    [1, () => `${random.pick(["!", "!!"])}${exactNumber(w, depth - 1).text}`],
    [w.parts.tables.length === 0 ? 0 : 1, () => `${random.pick(w.parts.tables).name}[0]!.on`],
  ])();
};

/** What may stand in `if (…)`: also a number or bigint, true unless 0. */
export const testOf = (w: Writing, depth: number): string => {
  if (w.random.chance(0.1)) return exactNumber(w, depth).text;
  if (w.random.chance(0.05)) return exactBigint(w, depth).text;
  return condition(w, depth);
};

const compareNumbers = (w: Writing, depth: number): string => {
  const a = exactNumber(w, depth - 1);
  const b = w.random.chance(0.5) ? constantNumber(w) : exactNumber(w, depth - 1);
  return `(${a.text} ${w.random.pick(orders)} ${b.text})`;
};

const compareBigints = (w: Writing, depth: number): string => {
  const a = exactBigint(w, depth - 1);
  const b = exactBigint(w, depth - 1);
  return `(${a.text} ${w.random.pick(orders)} ${b.text})`;
};

/** `view?.f0 === 3`: what is missing equals nothing that is there. */
const compareOptional = (w: Writing, depth: number): string => {
  const place = optionalPlace(w, () => true);
  if (place === null) return compareNumbers(w, depth);
  const { type } = place;
  const other = (): string =>
    type.kind === "address"
      ? address(w, type.family)
      : (type.kind === "number" ? exactNumber(w, depth - 1) : exactBigint(w, depth - 1)).text;
  return `(${place.text} ${w.random.pick(["===", "!=="])} ${w.random.chance(0.1) ? "undefined" : other()})`;
};

const compareAddresses = (w: Writing): string => {
  const family = anyFamily(w);
  return `(${address(w, family)} ${w.random.pick(["===", "!=="])} ${address(w, family)})`;
};
