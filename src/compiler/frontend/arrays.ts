/** Arrays whose length is known, whether their elements are or not. */
import { isStatic, statik, type Value } from "./values.ts";

/** The elements; null of what is no array. */
export const itemsOf = (value: Value): readonly Value[] | null => {
  if (value.kind === "array") return value.items;
  return isStatic(value) && Array.isArray(value.value) ? Array.from(value.value as unknown[], statik) : null;
};

export const arrayOf = (items: readonly Value[]): Value =>
  items.every(isStatic)
    ? statik(items.map((item) => (isStatic(item) ? item.value : undefined)))
    : { kind: "array", items };
