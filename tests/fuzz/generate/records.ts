/** Object literals with every field of a layout: keys, values, records. */
import { numberWithin } from "./number-text.ts";
import { address } from "./addresses.ts";
import { PREFIX_LENGTH, isShape, type Shape } from "./parts.ts";
import type { FieldKind } from "./shapes.ts";
import { storedConstant, storedInteger } from "./stored.ts";
import type { Writing } from "./writing.ts";

/** `{ f0: …, f1: … }`. */
export const fieldValues = (w: Writing, shape: Shape): string =>
  `{ ${shape.fields.map(({ name, type }) => `${name}: ${fieldValue(w, type)}`).join(", ")} }`;

const fieldValue = (w: Writing, type: FieldKind): string => {
  switch (type.kind) {
    case "number":
    case "bigint":
      return storedInteger(w, type, 2);
    case "address":
      return address(w, type.family);
    case "nested":
      return fieldValues(w, type.shape);
    case "array":
      return constantArray(w, type.element, type.length);
  }
};

/** Arrays are written whole only from constants. */
export const constantArray = (w: Writing, element: FieldKind, length: number): string =>
  `[${Array.from({ length }, () => constant(w, element)).join(", ")}]`;

const constant = (w: Writing, type: FieldKind): string => {
  switch (type.kind) {
    case "number":
    case "bigint":
      return storedConstant(w, type);
    case "address":
      return `${type.family}("${{ mac: "02:00:00:00:00:07", ipv4: "10.1.2.3", ipv6: "db02::7" }[type.family]}")`;
    case "nested":
      return `{ ${type.shape.fields.map((field) => `${field.name}: ${constant(w, field.type)}`).join(", ")} }`;
    case "array":
      return constantArray(w, type.element, type.length);
  }
};

/** A map's key; mostly of a few values, so that lookups find what updates wrote. */
export const keyValue = (w: Writing, key: Shape | FieldKind): string => {
  if (isShape(key)) {
    return `{ ${key.fields.map(({ name, type }) => `${name}: ${name === PREFIX_LENGTH ? prefixLength(w, type) : keyPart(w, type)}`).join(", ")} }`;
  }
  return keyPart(w, key);
};

/** Tries take no more bits than their keys have. */
const prefixLength = (w: Writing, type: FieldKind): string => {
  if (type.kind !== "number") throw new Error("a prefix length is a number");
  return w.random.chance(0.6) ? String(type.range.high) : numberWithin(w, 0n, type.range.high, 1).text;
};

const keyPart = (w: Writing, type: FieldKind): string => {
  if (type.kind === "number" && w.random.chance(0.8)) return numberWithin(w, 0n, w.random.pick([0n, 1n, 3n]), 1).text;
  if (type.kind === "bigint" && w.random.chance(0.8))
    return w.random.pick(["0n", "1n", `${(type.range.high >> 1n) + 2n}n`]);
  if (type.kind === "nested") return keyValue(w, type.shape);
  return fieldValue(w, type);
};
