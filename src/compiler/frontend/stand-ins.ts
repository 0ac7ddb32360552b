/** What stands for values that are missing on some ways, where the ways meet. */
import { commonFamily } from "./addresses.ts";
import { itemsOf } from "./arrays.ts";
import { isStatic, statik, type Value } from "./values.ts";

/** Values of an integer's kind: a run-time one, or a constant. */
export const integerType = (value: Value): "number" | "bigint" | null => {
  if (value.kind === "integer") return value.type;
  if (!isStatic(value)) return null;
  if (typeof value.value === "bigint") return "bigint";
  return Number.isSafeInteger(value.value) ? "number" : null;
};

export const isBoolean = (value: Value): boolean =>
  value.kind === "boolean" || (isStatic(value) && typeof value.value === "boolean");

/** The fields of an object literal, whether all of them are constants or not. */
export const fieldsOf = (value: Value): ReadonlyMap<string, Value> | null => {
  if (value.kind === "object") return value.fields;
  if (!isStatic(value) || typeof value.value !== "object" || value.value === null) return null;
  if (Object.getPrototypeOf(value.value) !== Object.prototype) return null;
  return new Map(Object.entries(value.value).map(([name, field]: [string, unknown]) => [name, statik(field)]));
};

export const missingIn = (value: Value): (null | undefined)[] => {
  if (value.kind === "maybe") return [value.missing];
  return isStatic(value) && (value.value === null || value.value === undefined) ? [value.value] : [];
};

/** Stands for a view where nothing may ask for it. */
export const noView: Value = statik(null);

const noAddress = { mac: "00:00:00:00:00:00", ipv4: "0.0.0.0", ipv6: "::" } as const;

/** A value of the kind that `values` are where they are not missing, for where they are; null when there is no one kind. */
export const standInFor = (values: readonly Value[]): Value | null => {
  const those = values.flatMap((value) =>
    value.kind === "maybe" ? [value.value] : missingIn(value).length > 0 ? [] : [value],
  );
  const [first] = those;
  if (first === undefined || first.kind === "conflict") return null;
  const type = integerType(first);
  if (type !== null)
    return those.every((value) => integerType(value) === type) ? statik(type === "number" ? 0 : 0n) : null;
  if (those.every(isBoolean)) return statik(false);
  if (those.every(({ kind }) => kind === "view")) return noView;
  const family = commonFamily(those);
  if (family !== null) return statik(noAddress[family]);
  // Anything else of the kernel's may have been made on its way only.
  if (isStatic(first) && those.every((value) => isSame(value, first))) return first;
  const objects = those.map(fieldsOf);
  if (objects.every((fields) => fields !== null)) {
    const fields = [...(objects[0] as ReadonlyMap<string, Value>).keys()].map(
      (name) => [name, standInForPart(objects.map((each) => each.get(name)))] as const,
    );
    if (fields.some(([, value]) => value === null)) return null;
    return { kind: "object", fields: new Map(fields as [string, Value][]) };
  }
  const arrays = those.map(itemsOf);
  if (!arrays.every((items) => items !== null)) return null;
  const items = (arrays[0] as readonly Value[]).map((_, at) => standInForPart(arrays.map((each) => each[at])));
  return items.some((item) => item === null) ? null : { kind: "array", items: items as Value[] };
};

/** The same of a field or an element, which may be missing itself. */
const standInForPart = (values: readonly (Value | undefined)[]): Value | null => {
  const known = values.filter((value) => value !== undefined);
  const missing = known.flatMap(missingIn);
  if (known.length < values.length) return null;
  return missing.length > 0 ? statik(missing[0]) : standInFor(known);
};

export const isSame = (a: Value, b: Value): boolean =>
  a === b || (isStatic(a) && isStatic(b) && Object.is(a.value, b.value));
