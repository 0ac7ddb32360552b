/** Values that may be missing, as of functions that return null where they find nothing. */
import { intersect, anyRange, type Range } from "../ssa/range.ts";
import type { Unit } from "./unit.ts";
import { isStatic, statik, type Fact, type MaybeValue, type Test, type Value } from "./values.ts";
import { missesTest } from "./views.ts";

const here: Range = { low: 1n, high: 1n };
const gone: Range = { low: 0n, high: 0n };

/** Whether it is there: known, or the test that tells. */
export const isThereTest = (unit: Unit, { there }: MaybeValue): boolean | Test => {
  const { builder, truths } = unit;
  const known = intersect(builder.range(there), builder.state.get(truths, there) ?? anyRange);
  if (known.low === known.high) return known.low === 1n;
  const fact = (range: Range, known: Range | null): Fact => ({ kind: "range", node: there, ...range, known });
  return {
    condition: "ne",
    left: there,
    right: builder.constant(0),
    width: 64,
    // Of inequality older kernels learn nothing.
    whenTrue: [fact(here, null)],
    whenFalse: [fact(gone, gone)],
  };
};

/** What is left of it where tests have told whether it is there. */
export const settled = (unit: Unit, value: Value): Value => {
  if (value.kind !== "maybe") return value;
  const test = isThereTest(unit, value);
  return typeof test !== "boolean" ? value : test ? value.value : statik(value.missing);
};

/** The value, where it must be there. */
export const requireThere = (unit: Unit, value: Value): Value => {
  const known = settled(unit, value);
  if (known.kind !== "maybe") return known;
  const { value: inner, missing, there } = known;
  const n = inner.kind === "integer" ? (inner.type === "bigint" ? "n" : "") : null;
  const instead = n === null ? "" : `, or write ?? 0${n} behind it`;
  missesTest(unit, there, `this may be ${missing} here; test it first, as in x !== ${missing}${instead}`);
  return inner;
};

/** What `if (value)` asks. `truth`: of what is there. */
export const truthOfMaybe = (unit: Unit, value: MaybeValue, truth: boolean | Test): boolean | Test => {
  const there = isThereTest(unit, value);
  if (truth === false || there === false) return false;
  if (truth === true || typeof there === "boolean") return there && truth === true ? there : truth;
  // Where it is missing, it is 0 or false.
  return { ...truth, whenTrue: [...truth.whenTrue, ...there.whenTrue] };
};

/** Whether it stands for something missing everywhere. */
export const isMissing = (value: Value): boolean =>
  isStatic(value) && (value.value === null || value.value === undefined);
