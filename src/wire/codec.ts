/**
 * Reads and writes layouts. The field-level functions allocate nothing but what the value itself is (a bigint, a
 * string, an array); whole layouts read as plain objects, which is for people, JSON and maps.
 */
import { formatAddress, writeAddress } from "./address.ts";
import { readBits, readInteger, writeBits, writeInteger } from "./integer.ts";
import { bitsOf, type Field, type FieldType, type Layout, type TypeOf } from "./layout.ts";

/** The value of `layout` at byte `offset`. Throws a RangeError when the bytes end before it does. */
export const readLayout = <T>(layout: Layout<T>, bytes: Uint8Array, offset: number): T => {
  checkBounds(layout.name, bytes, offset, layout.size);
  const value: Record<string, unknown> = {};
  for (const field of layout.fields) value[field.name] = readAt(field.type, bytes, offset * 8 + field.bitOffset);
  return value as T;
};

/**
 * Writes `value` as `layout` at byte `offset`: every byte, holes as zero. Integers wrap modulo their width. Throws a
 * RangeError when there is no room, a TypeError when a field is missing.
 */
export const writeLayout = <T>(layout: Layout<T>, value: T, bytes: Uint8Array, offset: number): void => {
  checkBounds(layout.name, bytes, offset, layout.size);
  bytes.fill(0, offset, offset + layout.size);
  const values = value as Readonly<Record<string, unknown>>;
  for (const field of layout.fields) {
    const own = values[field.name];
    if (own === undefined) throw new TypeError(`${layout.name}.${field.name} is missing`);
    writeAt(field.type, own, bytes, offset * 8 + field.bitOffset);
  }
};

/** `value` as bytes of its own. */
export const encodeLayout = <T>(layout: Layout<T>, value: T): Uint8Array => {
  const bytes = new Uint8Array(layout.size);
  writeLayout(layout, value, bytes, 0);
  return bytes;
};

/** The field with this name. Throws an Error that names both. */
export const fieldOf = (layout: Layout, name: string): Field => {
  const field = layout.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${layout.name} has no field ${name}`);
  return field;
};

/** Reads one field of a layout that starts at byte `offset`. */
export const readField = (field: Field, bytes: Uint8Array, offset: number): unknown => {
  const bit = offset * 8 + field.bitOffset;
  checkBits(field.name, bytes, bit, field.bits);
  return readAt(field.type, bytes, bit);
};

/** Writes one field of a layout that starts at byte `offset`; the bits around it stay. */
export const writeField = (field: Field, value: unknown, bytes: Uint8Array, offset: number): void => {
  const bit = offset * 8 + field.bitOffset;
  checkBits(field.name, bytes, bit, field.bits);
  writeAt(field.type, value, bytes, bit);
};

/** Reads a bare type at byte `offset`, as map keys are. */
export const readValue = <F extends FieldType>(type: F, bytes: Uint8Array, offset: number): TypeOf<F> => {
  checkBits(type.kind, bytes, offset * 8, bitsOf(type));
  return readAt(type, bytes, offset * 8) as TypeOf<F>;
};

/** Writes a bare type at byte `offset`. */
export const writeValue = <F extends FieldType>(type: F, value: TypeOf<F>, bytes: Uint8Array, offset: number): void => {
  checkBits(type.kind, bytes, offset * 8, bitsOf(type));
  writeAt(type, value, bytes, offset * 8);
};

const checkBounds = (name: string, bytes: Uint8Array, offset: number, size: number): void => {
  if (offset < 0 || offset + size > bytes.length) {
    throw new RangeError(`${name}: ${size} bytes at ${offset} are not within ${bytes.length} bytes`);
  }
};

const checkBits = (name: string, bytes: Uint8Array, bit: number, bits: number): void => {
  if (bit < 0 || bit + bits > bytes.length * 8) checkBounds(name, bytes, Math.floor(bit / 8), Math.ceil(bits / 8));
};

const readAt = (type: FieldType, bytes: Uint8Array, bit: number): unknown => {
  switch (type.kind) {
    case "integer":
      return readInteger(type, bytes, bit / 8);
    case "bits":
      return readBits(bytes, bit, type.bits);
    case "address":
      return formatAddress(type.family, bytes, bit / 8);
    case "array": {
      const step = bitsOf(type.element);
      const values: unknown[] = [];
      for (let index = 0; index < type.length; index++) values.push(readAt(type.element, bytes, bit + index * step));
      return values;
    }
    case "nested":
      return readLayout<unknown>(type.layout, bytes, bit / 8);
  }
};

const writeAt = (type: FieldType, value: unknown, bytes: Uint8Array, bit: number): void => {
  switch (type.kind) {
    case "integer":
      return writeInteger(type, value as number | bigint, bytes, bit / 8);
    case "bits":
      return writeBits(value as number, bytes, bit, type.bits);
    case "address":
      return writeAddress(type.family, value as string, bytes, bit / 8);
    case "array": {
      const values = value as ArrayLike<unknown>;
      if (values.length !== type.length) throw new RangeError(`${values.length} values for an array of ${type.length}`);
      const step = bitsOf(type.element);
      for (let index = 0; index < type.length; index++) writeAt(type.element, values[index], bytes, bit + index * step);
      return;
    }
    case "nested":
      return writeLayout<unknown>(type.layout, value, bytes, bit / 8);
  }
};
