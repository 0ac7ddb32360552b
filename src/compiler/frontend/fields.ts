/** Reading and writing the fields of a view: widths, byte order, bit fields, addresses, arrays. */
import { instead } from "../nearest.ts";
import { bitsOf, type BitsType, type Field, type FieldType, type IntegerType, type Layout } from "../../wire/layout.ts";
import type { Node } from "../ssa/ir.ts";
import type { KernelArray } from "../kernel-types.ts";
import { addressChunks, loadAddress } from "./addresses.ts";
import { readBig, readLittle, sizesOf, writeBig, writeLittle, type Place } from "./byte-order.ts";
import { itemsOf } from "./arrays.ts";
import { innerValues } from "./inner-maps.ts";
import { copyKernelBytes, requireKernelPresent } from "./kernel-memory.ts";
import { partOf } from "./blame.ts";
import { loadBytes, storeBytes, type AccessSize } from "./memory.ts";
import { asNode, type Expected } from "./integers.ts";
import { coverage } from "./coverage.ts";
import type { Unit } from "./unit.ts";
import {
  describe,
  isStatic,
  literalOf,
  type ElementsValue,
  type KernelValue,
  type Region,
  type Value,
  type ViewValue,
} from "./values.ts";
import { requirePresent } from "./views.ts";

const placeOf = (view: ViewValue): Place => ({
  region: view.region,
  pointer: view.pointer,
  base: view.offset,
  limit: view.layout.size,
});

export const fieldOf = (unit: Unit, layout: Layout, name: string): Field => {
  const field = layout.fields.find((candidate) => candidate.name === name);
  if (field !== undefined) return field;
  return unit.refuse(
    "HM1005",
    `${layout.name} has no field ${name}${instead(
      name,
      layout.fields.map((candidate) => candidate.name),
    )}`,
  );
};

export const readField = (unit: Unit, view: ViewValue, name: string): Value => {
  const field = fieldOf(unit, view.layout, name);
  requirePresent(unit, view);
  return read(unit, placeOf(view), field.type, field.bitOffset, view);
};

/** The element `offset` bytes behind the pointer of a view that an index was added to. */
export const readElement = (unit: Unit, view: ViewValue, element: FieldType, offset: number): Value =>
  read(unit, { ...placeOf(view), base: offset, limit: Infinity }, element, 0, { ...view, nullable: null });

/** The elements of an array field in turn, each read when it is asked for. */
export function* readElements(unit: Unit, { view, element, offset, length }: ElementsValue): Iterable<Value> {
  const size = bitsOf(element) / 8;
  for (let at = 0; at < length && unit.builder.reachable; at++)
    yield readElement(unit, view, element, offset + at * size);
}

const read = (unit: Unit, place: Place, type: FieldType, bitOffset: number, view: ViewValue): Value => {
  const offset = place.base + Math.floor(bitOffset / 8);
  switch (type.kind) {
    case "integer":
      return readInteger(unit, place, type, offset);
    case "bits":
      return readBits(unit, place, type, bitOffset);
    case "address":
      return {
        kind: "wide",
        family: type.family,
        chunks: loadAddress(unit, place.region, place.pointer, { family: type.family, offset }),
      };
    case "array":
      return { kind: "elements", element: type.element, length: type.length, view, offset };
    case "nested":
      return { ...view, layout: type.layout, offset, nullable: null };
  }
};

const readInteger = (unit: Unit, place: Place, type: IntegerType, offset: number): Value =>
  loadedInteger(unit, type, (type.order === "big" ? readBig : readLittle)(unit, place, offset, sizesOf(type)));

/** The bits of a field, in a register of their own, as the field's value. */
export const loadedInteger = (unit: Unit, type: IntegerType, node: Node): Value => {
  const { builder } = unit;
  const jsType = type.bits > 48 ? "bigint" : "number";
  if (type.signed) {
    const extended = type.bits === 64 ? node : builder.signExtend(node, type.bits as 8 | 16 | 32);
    const half = 1n << BigInt(type.bits - 1);
    return { kind: "integer", type: jsType, node: extended, low: -half, high: half - 1n, wrapped: false };
  }
  const known = builder.range(node);
  const most = (1n << BigInt(type.bits)) - 1n;
  const isNarrow = known.low >= 0n && known.high < most;
  const [low, high] = isNarrow ? [known.low, known.high] : [0n, most];
  return { kind: "integer", type: jsType, node, low, high, wrapped: false };
};

/** Bytes around a bit field, inside its struct, and how far the field is from their last bit. */
interface Window {
  readonly offset: number;
  readonly sizes: readonly AccessSize[];
  readonly shift: number;
}

/** The smallest aligned 1, 2, 4 or 8 bytes that hold a bit field, or the 3 or 5 that it touches. */
const windowOf = (type: BitsType, bitOffset: number, limit: number): Window => {
  const first = Math.floor(bitOffset / 8);
  const last = Math.floor((bitOffset + type.bits - 1) / 8);
  const window = (offset: number, ...sizes: AccessSize[]): Window => {
    const bytes = sizes.reduce<number>((sum, size) => sum + size, 0);
    return { offset, sizes, shift: (offset + bytes) * 8 - bitOffset - type.bits };
  };
  for (const size of [1, 2, 4, 8] as const) {
    const offset = first - (first % size);
    if (last < offset + size && offset + size <= limit) return window(offset, size);
  }
  // No aligned window fits (a header whose size is not a power of two): any window that does.
  for (const size of [2, 4, 8] as const) {
    const offset = Math.min(first, limit - size);
    if (offset >= 0 && last < offset + size) return window(offset, size);
  }
  return last - first === 2 ? window(first, 2, 1) : window(first, 4, 1);
};

const ones = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

const readBits = (unit: Unit, place: Place, type: BitsType, bitOffset: number): Value => {
  const { builder } = unit;
  const window = windowOf(type, bitOffset, place.limit);
  const whole = readBig(unit, place, place.base + window.offset, window.sizes);
  const shifted = builder.binary("shr", whole, builder.constant(window.shift));
  const node = builder.binary("and", shifted, builder.constant(ones(type.bits)));
  return { kind: "integer", type: "number", node, low: 0n, high: ones(type.bits), wrapped: false };
};

export const writeField = (unit: Unit, view: ViewValue, name: string, value: Value): void => {
  const field = fieldOf(unit, view.layout, name);
  requirePresent(unit, view);
  if (!view.region.writable)
    unit.refuse("HM1205", `${view.layout.name} cannot be written here; copy what you need into variables`);
  write(unit, placeOf(view), field.type, field.bitOffset, value, `${view.layout.name}.${name}`);
};

export const writeElement = (unit: Unit, view: ViewValue, element: FieldType, offset: number, value: Value): void =>
  write(unit, { ...placeOf(view), base: offset, limit: Infinity }, element, 0, value, "this element");

/** Writes every field of a struct from an object, holes as zero. */
export const writeStruct = (unit: Unit, view: ViewValue, value: Value): void => {
  const { layout } = view;
  if (value.kind === "view" && value.layout === layout) return copyStruct(unit, view, value);
  // Everything is read before anything is written: the value may lie where it goes.
  const members = layout.fields.map((field) => memberOf(unit, value, field.name, layout));
  zeroHoles(unit, view);
  const { blamed } = unit;
  layout.fields.forEach((field, at) => {
    unit.blamed = partOf(blamed, field.name);
    write(unit, placeOf(view), field.type, field.bitOffset, members[at] as Value, `${layout.name}.${field.name}`);
  });
  unit.blamed = blamed;
};

const memberOf = (unit: Unit, value: Value, name: string, { name: layout, fields }: Layout): Value => {
  if (value.kind === "object") {
    const member = value.fields.get(name);
    return member ?? unit.refuse("HM1007", `${layout} needs a field ${name}; add it to the object`);
  }
  if (isStatic(value) && typeof value.value === "object" && value.value !== null) {
    const member: unknown = Reflect.get(value.value, name);
    return member === undefined
      ? unit.refuse("HM1007", `${layout} needs a field ${name}; add it to the object`)
      : { kind: "static", value: member };
  }
  if (value.kind === "view") return readField(unit, value, name);
  return unit.refuse(
    "HM1007",
    `the fields of ${layout} are needed here, not ${describe(value)}; write ${fields.length === 1 ? `{ ${name}: ${literalOf(value, fields[0]?.type)} }` : "an object with its fields"}`,
  );
};

/** The largest power of two of bytes that may be moved at once at this offset of an 8-byte aligned struct. */
const step = (offset: number, left: number, aligned: boolean): AccessSize => {
  for (const size of [8, 4, 2] as const) if (left >= size && (!aligned || offset % size === 0)) return size;
  return 1;
};

const mayOverlap = (one: Region, other: Region): boolean =>
  one.key === other.key || (one.space === "map" && other.space === "map" && (isOfAnyMap(one) || isOfAnyMap(other)));

/** Of values in inner maps, and of those that a function is lent, nobody knows whose they are. */
const isOfAnyMap = (region: Region): boolean => region.key === innerValues.key || region.isLent === true;

const copyStruct = (unit: Unit, to: ViewValue, from: ViewValue): void => {
  requirePresent(unit, from);
  const aligned = to.region.space === "stack" || from.region.space === "stack";
  const pieces: { readonly at: number; readonly size: AccessSize }[] = [];
  for (let at = 0; at < to.layout.size;) {
    const size = step(to.offset + at, to.layout.size - at, aligned);
    pieces.push({ at, size });
    at += size;
  }
  const read = ({ at, size }: (typeof pieces)[number]): Node =>
    loadBytes(unit, from.region, from.pointer, from.offset + at, size);
  // Views of one region may overlap: then all is read before anything is written.
  const all = mayOverlap(to.region, from.region) ? pieces.map(read) : null;
  pieces.forEach((piece, index) => {
    const node = all?.[index] ?? read(piece);
    storeBytes(unit, to.region, to.pointer, to.offset + piece.at, piece.size, node);
  });
};

/**
 * Zeroes what no field of a struct covers: it would show old data, and the verifier wants keys whole. Before its fields are
 * written, bytes with bit fields are zeroed too, for those are written one by one; of a struct already `written`, they keep
 * their fields.
 */
export const zeroHoles = (unit: Unit, view: ViewValue, written = false): void => {
  const { builder } = unit;
  const { region, pointer, offset, layout } = view;
  const covered = coverage(layout, written);
  for (let at = 0; at < covered.length;) {
    const bits = covered[at] as number;
    if (bits === 0xff) {
      at++;
    } else if (bits !== 0) {
      const kept = builder.binary("and", loadBytes(unit, region, pointer, offset + at, 1), builder.constant(bits));
      storeBytes(unit, region, pointer, offset + at, 1, kept);
      at++;
    } else {
      let end = at;
      while (end < covered.length && covered[end] === 0) end++;
      const size = step(offset + at, end - at, true);
      storeBytes(unit, region, pointer, offset + at, size, builder.constant(0));
      at += size;
    }
  }
};

const write = (unit: Unit, place: Place, type: FieldType, bitOffset: number, value: Value, name: string): void => {
  const offset = place.base + Math.floor(bitOffset / 8);
  switch (type.kind) {
    case "integer": {
      const expected: Expected = type.bits > 48 ? "bigint" : "number";
      return writeInteger(unit, place, type, offset, asNode(unit, value, expected, name, type.bits));
    }
    case "bits":
      return writeBits(unit, place, type, bitOffset, asNode(unit, value, "number", name, type.bits));
    case "address": {
      let at = offset;
      for (const { node, size } of addressChunks(unit, type.family, value)) {
        storeBytes(unit, place.region, place.pointer, at, size, node);
        at += size;
      }
      return;
    }
    case "nested":
      return writeStruct(
        unit,
        { kind: "view", layout: type.layout, region: place.region, pointer: place.pointer, offset, nullable: null },
        value,
      );
    case "array":
      return writeArray(unit, place, type.element, type.length, offset, value, name);
  }
};

const writeArray = (
  unit: Unit,
  place: Place,
  element: FieldType,
  length: number,
  offset: number,
  value: Value,
  name: string,
): void => {
  if (value.kind === "kernel" && value.shape.kind === "array")
    return copyKernelArray(unit, place, { element, length, offset }, value, value.shape, name);
  const items = itemsOf(value);
  if (items === null)
    return unit.refuse(
      "HM1206",
      `${name} takes an array of ${length}, not ${describe(value)}; ${bytesOfText(value, length)}`,
    );
  const { blamed } = unit;
  const size = (element.kind === "array" ? 0 : element.kind === "nested" ? element.layout.size * 8 : element.bits) / 8;
  for (let at = 0; at < length; at++) {
    const item = items[at];
    if (item === undefined)
      return unit.refuse("HM1206", `${name} has ${length} elements, the array ${items.length}; give it as many`);
    unit.blamed = partOf(blamed, at);
    write(unit, { ...place, base: offset + at * size, limit: Infinity }, element, 0, item, name);
  }
  unit.blamed = blamed;
};

/** What to write in place of what is no array. */
const bytesOfText = (value: Value, length: number): string =>
  isStatic(value) && typeof value.value === "string"
    ? `make its bytes at the module's top level: const text = [...Buffer.from("${value.value.slice(0, length)}".padEnd(${length}, "\\0"))]`
    : "write its elements one by one";

/** `record.name = task.comm`: the same bytes, when both have as many elements of the same kind. */
const copyKernelArray = (
  unit: Unit,
  place: Place,
  to: { readonly element: FieldType; readonly length: number; readonly offset: number },
  from: KernelValue,
  { element, length }: KernelArray,
  name: string,
): void => {
  const own = unit.options.kernelTypes?.shape(element);
  const fits =
    own?.kind === "integer" &&
    to.element.kind === "integer" &&
    to.element.bits === own.sizeBytes * 8 &&
    (own.sizeBytes === 1 || (to.element.order === "big") === own.isBigEndian);
  if (!fits || length !== to.length)
    return unit.refuse("HM1206", `${name} has ${to.length} elements, the kernel's array ${length}, or of another kind`);
  requireKernelPresent(unit, from);
  copyKernelBytes(unit, from, own.sizeBytes * length, place, to.offset);
};

const writeInteger = (unit: Unit, place: Place, type: IntegerType, offset: number, value: Node): void =>
  (type.order === "big" ? writeBig : writeLittle)(unit, place, offset, sizesOf(type), value);

const writeBits = (unit: Unit, place: Place, type: BitsType, bitOffset: number, value: Node): void => {
  const { builder } = unit;
  const { offset, sizes, shift } = windowOf(type, bitOffset, place.limit);
  const bits = builder.binary(
    "shl",
    builder.binary("and", value, builder.constant(ones(type.bits))),
    builder.constant(shift),
  );
  const all = ones(sizes.reduce<number>((sum, size) => sum + size * 8, 0));
  const others = BigInt.asIntN(64, ~(ones(type.bits) << BigInt(shift)) & all);
  const kept =
    others === 0n
      ? builder.constant(0)
      : builder.binary("and", readBig(unit, place, place.base + offset, sizes), builder.constant(others));
  writeBig(unit, place, place.base + offset, sizes, builder.binary("or", kept, bits));
};
