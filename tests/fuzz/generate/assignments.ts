/** Assignments to variables, fields, elements. */
import { fit, numberWithin, exactNumber } from "./number-text.ts";
import { number } from "./numbers.ts";
import { bigintWithin, exactBigint } from "./bigint-text.ts";
import { anyBigint } from "./bigints.ts";
import { address } from "./addresses.ts";
import { condition } from "./conditions.ts";
import { changeAtomically, isShared } from "./atomics.ts";
import { anyPlace, readText, type Place } from "./places.ts";
import { fillBits } from "./interval.ts";
import { fieldValues } from "./records.ts";
import { declare } from "./declarations.ts";
import type { Variable } from "./scope.ts";
import { storedInteger } from "./stored.ts";
import type { Writing } from "./writing.ts";

const DEPTH = 3;

export const assignVariable = (w: Writing): void => {
  const targets = w.scope
    .variables()
    .filter((variable) => variable.assignable && (variable.kind !== "address" || variable.loopDepth === w.realLoops));
  if (targets.length === 0) return declare(w);
  assign(w, w.random.pick(targets));
};

const assign = (w: Writing, target: Variable): void => {
  const { name } = target;
  switch (target.kind) {
    case "number": {
      const compound = w.random.chance(0.35) ? compoundNumber(w, target) : null;
      return w.line(compound ?? `${name} = ${numberWithin(w, target.range.low, target.range.high, DEPTH).text};`);
    }
    case "bigint":
      if (w.random.chance(0.35)) return compoundBigint(w, name);
      return w.line(`${name} = ${exactBigint(w, DEPTH).text};`);
    case "boolean":
      return w.line(`${name} = ${condition(w, DEPTH)};`);
    case "address":
      return w.line(`${name} = ${address(w, target.family)};`);
  }
};

/** A compound assignment that keeps the variable in its range, or null. */
const compoundNumber = (
  w: Writing,
  { name, range }: Extract<Variable, { kind: "number" | "bigint" }>,
): string | null => {
  if (range.low !== 0n) return null;
  const isMask = fillBits(range.high) === range.high && range.high < 1n << 31n;
  return w.random.weighted<() => string | null>([
    [isMask ? 3 : 0, () => `${name} &= ${number(w, 2).text};`],
    [isMask ? 3 : 0, () => `${name} ${w.random.pick(["|", "^"])}= ${numberWithin(w, 0n, range.high, 2).text};`],
    [2, () => `${name} %= ${w.random.pick([1, 3, 7, 16, 100, 255])};`],
    [range.high < 1n << 32n ? 2 : 0, () => `${name} >>>= ${w.random.pick([0, 1, 3, 8, 31])};`],
    [1, () => null],
  ])();
};

const compoundBigint = (w: Writing, name: string): void =>
  w.random.weighted<() => void>([
    [2, () => w.line(`${name} &= ${anyBigint(w, 2).text};`)],
    [3, () => w.line(`${name} ${w.random.pick(["|", "^"])}= ${exactBigint(w, 2).text};`)],
    [2, () => w.line(`${name} %= ${w.random.pick([1n, 7n, 1000n, 1n << 40n])}n;`)],
    [2, () => w.line(`${name} >>= ${w.random.pick([0n, 1n, 8n, 33n, 63n])}n;`)],
  ])();

/** Writes a field or an element of a view, or a global variable. */
export const writePlace = (w: Writing): void => {
  if (w.random.chance(0.06) && writeNested(w)) return;
  const place = anyPlace(
    w,
    () => true,
    (view) => view.writable,
  );
  if (place === null) return declare(w);
  const { type } = place;
  if (type.kind === "address") return w.line(`${place.text} = ${address(w, type.family)};`);
  if (isShared(place) && w.random.chance(0.35)) return changeAtomically(w, place);
  if (w.random.chance(0.3)) return compoundPlace(w, place);
  if (w.random.chance(0.06)) return w.line(`${readText(place)}${w.random.pick(["++", "--"])};`);
  w.line(`${place.text} = ${storedInteger(w, type, DEPTH)};`);
};

/** A struct within a struct, from an object or another view; false when none is in reach. */
const writeNested = (w: Writing): boolean => {
  const views = w.scope.views();
  const writable = views.filter((view) => view.writable);
  const nested = writable.flatMap((view) =>
    view.shape.fields.flatMap(({ name, type }) =>
      type.kind === "nested" ? [{ text: `${view.name}.${name}`, shape: type.shape }] : [],
    ),
  );
  if (nested.length === 0) return false;
  const { text, shape } = w.random.pick(nested);
  const others = views.filter((view) => view.shape === shape);
  const from = others.length > 0 && w.random.chance(0.6) ? w.random.pick(others).name : fieldValues(w, shape);
  w.line(`${text} = ${from};`);
  return true;
};

const compoundPlace = (w: Writing, place: Place): void => {
  const text = readText(place);
  const { random } = w;
  if (place.type.kind === "bigint") {
    const unsigned = place.type.range.low >= 0n;
    return random.weighted<() => void>([
      [5, () => w.line(`${text} ${random.pick(["+", "-", "*", "&", "|", "^"])}= ${anyBigint(w, 2).text};`)],
      [1, () => w.line(`${text} <<= ${random.below(64)}n;`)],
      [unsigned ? 1 : 0, () => w.line(`${text} >>= ${random.below(64)}n;`)],
      [unsigned ? 1 : 0, () => w.line(`${text} %= (${bigintWithin(w, 32, 1).text} + 1n);`)],
    ])();
  }
  const natural = place.type.kind === "number" && place.type.range.low >= 0n;
  return random.weighted<() => void>([
    [
      5,
      () => w.line(`${text} ${random.pick(["+", "-"])}= ${fit(w, exactNumber(w, 2), -(1n << 40n), 1n << 40n).text};`),
    ],
    [1, () => w.line(`${text} *= ${numberWithin(w, 0n, 31n, 1).text};`)],
    [4, () => w.line(`${text} ${random.pick(["&", "|", "^"])}= ${number(w, 2).text};`)],
    [3, () => w.line(`${text} ${random.pick(["<<", ">>", ">>>"])}= ${random.below(32)};`)],
    [natural ? 1 : 0, () => w.line(`${text} %= ${random.pick([1, 2, 7, 100, 65_537])};`)],
  ])();
};
