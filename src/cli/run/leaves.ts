/** Keys, values and records as rows of cells: what a layout holds, field by field, nested ones under dotted names. */
import type { Element } from "../../kernel/maps.ts";
import { toHex } from "../../wire/hex.ts";
import type { FieldType, Layout } from "../../wire/layout.ts";
import { textOf as text } from "../../wire/text.ts";
import { toJsonText } from "../framework/output.ts";

export interface Leaf {
  /** `bytes`, `inner.bytes`; of a bare key `key`. */
  readonly name: string;
  readonly text: string;
  /** What can grow; null for addresses and arrays. */
  readonly number: number | bigint | null;
}

/** A value as `--json` shows it: text as text. */
export const shownValue = (element: Element | FieldType, value: unknown): unknown => {
  switch (element.kind) {
    case "layout": {
      const values = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(element.fields.map(({ name, type }) => [name, shownValue(type, values[name])]));
    }
    case "nested":
      return shownValue(element.layout as Layout, value);
    case "array":
      if (element.isText === true) return text(value as number[]);
      return (value as unknown[]).map((item) => shownValue(element.element as FieldType, item));
    default:
      return value;
  }
};

/** The leaves of a value that was read as `element`, in its order. */
export const leavesOf = (element: Element, value: unknown, bareName = "key"): Leaf[] =>
  element.kind === "layout" ? layoutLeaves(element, value, "") : fieldLeaves(bareName, element, value);

const layoutLeaves = (layout: Layout, value: unknown, prefix: string): Leaf[] => {
  const values = value as Readonly<Record<string, unknown>>;
  return layout.fields.flatMap(({ name, type }) => fieldLeaves(prefix + name, type, values[name]));
};

const fieldLeaves = (name: string, type: FieldType, value: unknown): Leaf[] => {
  if (type.kind === "nested") return layoutLeaves(type.layout as Layout, value, `${name}.`);
  if (typeof value === "number" || typeof value === "bigint") return [{ name, text: String(value), number: value }];
  return [{ name, text: textOf(type, value), number: null }];
};

const textOf = (type: FieldType, value: unknown): string => {
  if (type.kind !== "array" || !Array.isArray(value)) return String(value);
  const element = type.element as FieldType;
  if (type.isText === true) return JSON.stringify(text(value as number[]));
  if (element.kind === "integer" && element.bits === 8) return toHex(Uint8Array.from(value as number[]));
  return element.kind === "nested" || element.kind === "array" ? toJsonText(value) : `[${value.join(" ")}]`;
};
