/** What to write where paths meet with values of different kinds. */
import { isStatic, type Value } from "./values.ts";

const isOf = (value: Value, types: readonly string[]): boolean => isStatic(value) && types.includes(typeof value.value);
const isTruth = (value: Value): boolean => value.kind === "boolean" || isOf(value, ["boolean"]);
const isNumber = (value: Value): boolean => value.kind === "integer" || isOf(value, ["number", "bigint"]);

/** `flag && count > 3` gives the flag itself where it is 0: a number on one path, a boolean on the other. */
export const conflictAdvice = (values: readonly Value[]): string =>
  values.every((value) => isTruth(value) || isNumber(value)) && values.some(isTruth)
    ? "write n !== 0 for the number"
    : "give it one kind on every path, or use it before the paths meet";
