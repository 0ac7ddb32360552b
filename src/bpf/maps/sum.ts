/**
 * Adds values of a layout field by field. Numbers and bigints are added (and may pass the field's width: a sum over
 * CPUs is no register), arrays and nested layouts part by part; what cannot be added (addresses) is the first value's.
 */
export const sumOf = <V>(values: readonly [V, ...V[]]): V => values.reduce((total, value) => add(total, value) as V);

const add = (left: unknown, right: unknown): unknown => {
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (typeof left === "bigint" && typeof right === "bigint") return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return left.map((part, index) => add(part, right[index]));
  if (!isRecord(left) || !isRecord(right)) return left;
  return Object.fromEntries(Object.entries(left).map(([name, part]) => [name, add(part, right[name])]));
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
