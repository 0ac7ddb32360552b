import type { FieldType, Layout } from "../wire/layout.ts";

/**
 * Adds the values that the CPUs have of a layout, field by field. Integers are added (and may pass the field's width: a
 * sum over CPUs is no register), of arrays and nested layouts part by part. What cannot be added, text, addresses and bit
 * fields, is that of the first CPU that has something, which is not all zero.
 */
export const sumOf = <V>(layout: Layout, values: readonly [V, ...V[]]): V => sumFields(layout, values) as V;

const sumFields = ({ fields }: Layout, values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(
    fields.map(({ name, type }) => [
      name,
      sum(
        type,
        values.map((value) => (value as Record<string, unknown>)[name]),
      ),
    ]),
  );

const sum = (type: FieldType, values: readonly unknown[]): unknown => {
  switch (type.kind) {
    case "integer":
      return values.reduce((total, value) => (total as number) + (value as number));
    case "nested":
      return sumFields(type.layout as Layout, values);
    case "array":
      if (type.isText === true) return firstOf(values);
      return Array.from({ length: type.length }, (_, at) =>
        sum(
          type.element as FieldType,
          values.map((value) => (value as readonly unknown[])[at]),
        ),
      );
    case "bits":
    case "address":
      return firstOf(values);
  }
};

const firstOf = (values: readonly unknown[]): unknown => values.find((value) => !isZero(value)) ?? values[0];

/** A number, an array of them, or an address of nothing but zeros. */
const isZero = (value: unknown): boolean =>
  typeof value === "string" ? !/[1-9a-f]/.test(value) : Array.isArray(value) ? value.every(isZero) : value === 0;
