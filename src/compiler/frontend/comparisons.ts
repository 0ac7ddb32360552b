/** `===`, `<` and the rest: decided while compiling, or a test for a branch. */
import { addressChunks } from "./addresses.ts";
import { didYouMean } from "../nearest.ts";
import { compareIntegers, opposite } from "./integer-comparisons.ts";
import { isThereTest, requireThere, settled, truthOfMaybe } from "./maybe.ts";
import { materialise } from "./select.ts";
import { refuseConflict } from "./recovery.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, type MaybeValue, type Test, type Value } from "./values.ts";
import { isNullTest } from "./views.ts";

const isNullish = (value: Value): boolean => isStatic(value) && (value.value === null || value.value === undefined);

/** The test that is true when `test` is false. */
export const negate = (test: boolean | Test): boolean | Test => {
  if (typeof test === "boolean") return !test;
  const condition = opposite[test.condition];
  if (condition === null) throw new Error(`no opposite of ${test.condition}`);
  return { ...test, condition, whenTrue: test.whenFalse, whenFalse: test.whenTrue };
};

/** `left === right` or `left !== right`. */
export const equality = (unit: Unit, operator: "===" | "!==", left: Value, right: Value): boolean | Test => {
  const equal = isEqual(unit, left, right, operator);
  return operator === "===" ? equal : negate(equal);
};

const isEqual = (unit: Unit, left: Value, right: Value, operator: string): boolean | Test => {
  if (isStatic(left) && isStatic(right)) return left.value === right.value;
  for (const value of [left, right]) if (value.kind === "conflict") return refuseConflict(unit, value);
  const maybe = left.kind === "maybe" ? left : right.kind === "maybe" ? right : null;
  if (maybe !== null) return equalMaybe(unit, maybe, maybe === left ? right : left, operator);
  requirePresent(unit, left, right);
  requirePresent(unit, right, left);
  if (isNullish(left)) return isEqual(unit, right, left, operator);
  if (isNullish(right)) {
    // A view is null or there; nothing else a program computes is null, and nothing is undefined.
    return (left.kind === "view" || left.kind === "kernel") && (right as { value: unknown }).value === null
      ? isNullTest(unit, left)
      : false;
  }
  const wide = left.kind === "wide" ? left : right.kind === "wide" ? right : null;
  if (wide !== null) return equalAddresses(unit, wide.family, left, right);
  if (left.kind === "boolean" || right.kind === "boolean") return equalBooleans(unit, left, right);
  if (comparable(left) && comparable(right)) return compareIntegers(unit, "===", left, right);
  return unit.refuse(
    "HM1111",
    `${describe(left)} and ${describe(right)} cannot be compared with ${operator}; ${comparisonAdvice(left, right)}`,
  );
};

const equalMaybe = (unit: Unit, maybe: MaybeValue, other: Value, operator: string): boolean | Test => {
  const known = settled(unit, maybe);
  if (known.kind !== "maybe") return isEqual(unit, known, other, operator);
  if (isStatic(other) && isNullish(other)) return other.value === maybe.missing && negate(isThereTest(unit, maybe));
  return isEqual(unit, requireThere(unit, maybe), other, operator);
};

/** A number is never undefined: who compares it with a member that is not there has misspelt that one. */
const requirePresent = (unit: Unit, { kind }: Value, other: Value): void => {
  if (!isStatic(other) || other.absent === undefined || !["integer", "wide", "boolean"].includes(kind)) return;
  const { name, known, node } = other.absent;
  const advice = didYouMean(name, known);
  unit.refuse(
    "HM1005",
    `the object has no ${name}${advice === "" ? "; test it first: x !== undefined" : advice}`,
    node,
  );
};

const comparable = (value: Value): boolean =>
  value.kind === "integer" || (isStatic(value) && (typeof value.value === "number" || typeof value.value === "bigint"));

const equalAddresses = (unit: Unit, family: "mac" | "ipv4" | "ipv6", left: Value, right: Value): Test => {
  const { builder } = unit;
  const a = addressChunks(unit, family, left);
  const b = addressChunks(unit, family, right);
  const [first, second] = a.map((chunk, at) => ({
    left: chunk.node,
    right: (b[at] as { node: typeof chunk.node }).node,
  }));
  const plain = { condition: "eq", width: 64, whenTrue: [], whenFalse: [] } as const;
  if (first === undefined) throw new Error("an address has no bytes");
  if (second === undefined) return { ...plain, ...first };
  const difference = [first, second].map((pair) => builder.binary("xor", pair.left, pair.right));
  const [x, y] = difference as [typeof first.left, typeof first.left];
  return { ...plain, left: builder.binary("or", x, y), right: builder.constant(0) };
};

const equalBooleans = (unit: Unit, left: Value, right: Value): boolean | Test => {
  if (isStatic(left)) return equalBooleans(unit, right, left);
  if (left.kind !== "boolean")
    return unit.refuse(
      "HM1111",
      `${describe(left)} and ${describe(right)} cannot be compared; compare booleans with booleans, or write condition ? 1 : 0`,
    );
  if (isStatic(right)) {
    if (typeof right.value !== "boolean") return false;
    return right.value ? left.test : negate(left.test);
  }
  if (right.kind !== "boolean")
    return unit.refuse(
      "HM1111",
      `${describe(left)} and ${describe(right)} cannot be compared; compare booleans with booleans, or write condition ? 1 : 0`,
    );
  const [a, b] = [materialise(unit, left), materialise(unit, right)];
  return { condition: "eq", left: a, right: b, width: 64, whenTrue: [], whenFalse: [] };
};

/** `<`, `<=`, `>` and `>=`. */
export const order = (unit: Unit, operator: "<" | "<=" | ">" | ">=", left: Value, right: Value): boolean | Test => {
  for (const value of [left, right]) if (value.kind === "conflict") return refuseConflict(unit, value);
  requirePresent(unit, left, right);
  requirePresent(unit, right, left);
  if (!comparable(left) || !comparable(right))
    return unit.refuse(
      "HM1111",
      `${describe(left)} and ${describe(right)} cannot be compared with ${operator}; ${comparisonAdvice(left, right)}`,
    );
  return compareIntegers(unit, operator, left, right);
};

/** What to compare instead. */
const comparisonAdvice = (left: Value, right: Value): string => {
  if (left.kind === "wide" && right.kind === "wide")
    return "addresses have no order; for one that is the same everywhere, compare hash(0n, a) with hash(0n, b)";
  const view = left.kind === "view" ? left : right.kind === "view" ? right : null;
  const [field] = view?.layout.fields ?? [];
  if (field !== undefined && left.kind !== right.kind) return `compare one of its fields, such as .${field.name}`;
  const text = isStatic(left) ? left.value : isStatic(right) ? right.value : undefined;
  if (typeof text === "string" && (left.kind === "elements" || right.kind === "elements"))
    return `compare its bytes: [...${JSON.stringify(text)}].every((letter, at) => field[at] === letter.charCodeAt(0))`;
  return "compare values of one kind";
};

/** What `if (value)` asks. */
export const truth = (unit: Unit, value: Value): boolean | Test => {
  switch (value.kind) {
    case "static":
      return Boolean(value.value);
    case "boolean":
      return value.test;
    case "integer":
      return negate(compareIntegers(unit, "===", value, { kind: "static", value: value.type === "number" ? 0 : 0n }));
    case "view":
    case "kernel":
      return negate(isNullTest(unit, value));
    case "conflict":
      return refuseConflict(unit, value);
    case "maybe":
      return truthOfMaybe(unit, value, truth(unit, value.value));
    default:
      return true;
  }
};
