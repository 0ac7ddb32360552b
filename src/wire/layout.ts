/**
 * Layouts: bytes described as data. A header, a map's value and a ring record are all a {@link Layout}; decoder,
 * encoder, the V8 views and the compiler's loads read the same description.
 *
 * Bit numbering: `bitOffset` counts from the first bit of the first byte on the wire, most significant bit first,
 * as RFC diagrams do. Whole-byte fields therefore start at `bitOffset / 8`.
 */
import { requireCount, requireFieldType, requireNamed } from "./declared-fields.ts";

/** Byte order of a multi-byte integer: network order, or that of x86-64 and arm64. */
export type Order = "big" | "little";

/** Phantom key that carries the JavaScript type of a field. */
declare const jsType: unique symbol;

interface Typed<T> {
  readonly [jsType]?: T;
}

/** A whole-byte integer. Up to 48 bits it is a `number` in JavaScript, above a `bigint`. */
export interface IntegerType<T extends number | bigint = number | bigint> extends Typed<T> {
  readonly kind: "integer";
  readonly bits: 8 | 16 | 24 | 32 | 48 | 56 | 64;
  readonly order: Order;
  readonly signed: boolean;
}

/** A big-endian bit field of 1 to 32 bits that starts at any bit. A `number`. */
export interface BitsType extends Typed<number> {
  readonly kind: "bits";
  readonly bits: number;
}

/** The families of addresses that a field can hold. */
export type AddressFamily = "mac" | "ipv4" | "ipv6";

declare const brand: unique symbol;
/** `2e:fe:7c:b0:c7:72`: lower case, two digits a byte. Made by {@link mac}. */
export type MacAddress = string & { readonly [brand]: "mac" };
/** `10.0.0.2`: dotted decimal. Made by `ipv4()`. */
export type Ipv4Address = string & { readonly [brand]: "ipv4" };
/** Canonical text of RFC 5952: `db01::1`. */
export type Ipv6Address = string & { readonly [brand]: "ipv6" };

/** An address: in JavaScript its canonical text (so `===` compares by value), in the kernel 6, 4 or 16 bytes. */
export interface AddressType<T extends string = string> extends Typed<T> {
  readonly kind: "address";
  readonly family: AddressFamily;
  readonly bits: 48 | 32 | 128;
}

/** A fixed number of equal elements. */
export interface ArrayType<E extends FieldType = FieldType> extends Typed<TypeOf<E>[]> {
  readonly kind: "array";
  readonly element: E;
  readonly length: number;
  /** The bytes are characters, for who shows them. */
  readonly isText?: true;
}

/** A layout within a layout. */
export interface NestedType<T = unknown> extends Typed<T> {
  readonly kind: "nested";
  readonly layout: Layout<T>;
}

/** What a field can be: an integer, bits, an address, an array or another layout. */
export type FieldType = IntegerType | BitsType | AddressType | ArrayType<any> | NestedType<any>; // oxlint-disable-line typescript/no-explicit-any -- variance: any element

/** The JavaScript type that a field or a layout reads as: `TypeOf<typeof u64>` is `bigint`. */
export type TypeOf<F> = F extends Typed<infer T> ? T : never;

/** One field of a layout, with its place. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** From the layout's start, in bits; 8 times the byte for fields of whole bytes. */
  readonly bitOffset: number;
  /** Its length. */
  readonly bits: number;
}

/** A named, fixed-size run of fields. `T` is the JavaScript object it reads as. */
export interface Layout<T = unknown> extends Typed<T> {
  readonly kind: "layout";
  readonly name: string;
  /** Bytes, holes included. */
  readonly size: number;
  /** Bytes; 1 for wire headers, which are read unaligned. */
  readonly alignment: number;
  readonly fields: readonly Field[];
  /** Where the format is defined: `RFC 8200, section 3`. */
  readonly source: string | undefined;
}

const integer = <T extends number | bigint>(
  bits: IntegerType["bits"],
  order: Order,
  signed = false,
): IntegerType<T> => ({
  kind: "integer",
  bits,
  order,
  signed,
});

/** An unsigned byte; a `number`. */
export const u8 = integer<number>(8, "big");
/**
 * An unsigned 16-bit integer in native (little-endian) order, for maps and records; a `number`. Headers take {@link
 * be16}.
 */
export const u16 = integer<number>(16, "little");
/** An unsigned 32-bit integer in native (little-endian) order, for maps and records; a `number`. */
export const u32 = integer<number>(32, "little");
/** An unsigned 64-bit integer in native (little-endian) order, for maps and records; a `bigint`. */
export const u64 = integer<bigint>(64, "little");
/** A signed 32-bit integer in native (little-endian) order; a `number`. */
export const i32 = integer<number>(32, "little", true);
/** A signed 64-bit integer in native (little-endian) order; a `bigint`. */
export const i64 = integer<bigint>(64, "little", true);
/** An unsigned 16-bit integer in network order, for headers; a `number`. */
export const be16 = integer<number>(16, "big");
/** An unsigned 24-bit integer in network order; a `number`. */
export const be24 = integer<number>(24, "big");
/** An unsigned 32-bit integer in network order; a `number`. */
export const be32 = integer<number>(32, "big");
/** An unsigned 48-bit integer in network order; a `number`. */
export const be48 = integer<number>(48, "big");
/** An unsigned 56-bit integer in network order; a `bigint`. */
export const be56 = integer<bigint>(56, "big");
/** An unsigned 64-bit integer in network order; a `bigint`. */
export const be64 = integer<bigint>(64, "big");

/** A bit field; consecutive ones are packed most significant bit first. Error for what is not 1 to 32. */
export const bits = (count: number): BitsType => {
  requireCount("a number of bits", count, 32);
  return { kind: "bits", bits: count };
};

/** A MAC address: 6 bytes, in JavaScript the text that `mac()` makes. */
export const macAddress: AddressType<MacAddress> = { kind: "address", family: "mac", bits: 48 };
/** An IPv4 address: 4 bytes, in JavaScript the text that `ipv4()` makes. */
export const ipv4Address: AddressType<Ipv4Address> = { kind: "address", family: "ipv4", bits: 32 };
/** An IPv6 address: 16 bytes, in JavaScript the canonical text that `ipv6()` makes. */
export const ipv6Address: AddressType<Ipv6Address> = { kind: "address", family: "ipv6", bits: 128 };

/** Elements of an array: a value of the kernel's has less than 2^31 bytes. */
const MOST_ELEMENTS = 0x7fff_ffff;

/**
 * A field of `length` equal elements; in JavaScript an array. Error for what is no type, and for a length that is
 * no positive whole number.
 */
export const array = <E extends FieldType>(element: E, length: number): ArrayType<E> => {
  requireFieldType("the element of an array", element);
  requireCount("the length of an array", length, MOST_ELEMENTS);
  return { kind: "array", element, length };
};
/** `length` bytes of text, in UTF-8 and ended by a zero byte if shorter: numbers as {@link array} has them, shown as text. */
export const chars = (length: number): ArrayType<IntegerType<number>> => ({ ...array(u8, length), isText: true });
/** A field that is a layout of its own; in JavaScript an object. */
export const nested = <T>(layout: Layout<T>): NestedType<T> => {
  if ((layout as Partial<Layout> | undefined)?.kind !== "layout")
    throw new Error("nested() takes a layout; give it what struct() or header() made");
  return { kind: "nested", layout };
};

/** Fields by name, in the order of their bytes: what `struct()` and `header()` take. */
export type FieldTypes = Readonly<Record<string, FieldType>>;
/** The JavaScript object that fields read as. */
export type Shape<F extends FieldTypes> = { -readonly [K in keyof F]: TypeOf<F[K]> };

/** Bits that a value of this type takes. */
export const bitsOf = (type: FieldType): number => {
  switch (type.kind) {
    case "array":
      return bitsOf(type.element) * type.length;
    case "nested":
      return type.layout.size * 8;
    default:
      return type.bits;
  }
};

/** A packed layout, as headers are: fields follow each other with no holes. Whole bytes in total. Error for anything else. */
export const header = <F extends FieldTypes>(name: string, source: string, types: F): Layout<Shape<F>> => {
  requireNamed("header", name, types);
  const fields: Field[] = [];
  let bitOffset = 0;
  for (const [fieldName, type] of Object.entries(types)) {
    requireFieldType(`${name}.${fieldName}`, type);
    const width = bitsOf(type);
    if (type.kind !== "bits" && bitOffset % 8 !== 0)
      throw new Error(`${name}.${fieldName} does not start on a byte; put bits(${8 - (bitOffset % 8)}) before it`);
    fields.push({ name: fieldName, type, bitOffset, bits: width });
    bitOffset += width;
  }
  if (bitOffset % 8 !== 0)
    throw new Error(`${name} does not end on a byte; put bits(${8 - (bitOffset % 8)}) at its end`);
  return { kind: "layout", name, size: bitOffset / 8, alignment: 1, fields, source };
};

/** Bytes to which a value of this type is aligned in a {@link struct}. */
export const alignmentOf = (type: FieldType): number => {
  switch (type.kind) {
    case "integer":
      return type.bits === 24 || type.bits === 48 || type.bits === 56 ? 1 : type.bits / 8;
    case "bits":
      return 1;
    case "address":
      return type.family === "mac" ? 1 : type.family === "ipv4" ? 4 : 8;
    case "array":
      return alignmentOf(type.element);
    case "nested":
      return type.layout.alignment;
  }
};

/**
 * A naturally aligned layout, as C lays out a struct: for map keys, map values and ring records. Holes are zero. Error for
 * what is no name or no type.
 */
export const struct = <F extends FieldTypes>(name: string, types: F): Layout<Shape<F>> => {
  requireNamed("struct", name, types);
  const fields: Field[] = [];
  let bitOffset = 0;
  let alignment = 1;
  for (const [fieldName, type] of Object.entries(types)) {
    requireFieldType(`${name}.${fieldName}`, type);
    const own = alignmentOf(type);
    alignment = Math.max(alignment, own);
    if (type.kind !== "bits") bitOffset = Math.ceil(bitOffset / (own * 8)) * own * 8;
    const width = bitsOf(type);
    fields.push({ name: fieldName, type, bitOffset, bits: width });
    bitOffset += width;
  }
  const size = Math.ceil(bitOffset / (alignment * 8)) * alignment;
  return { kind: "layout", name, size, alignment, fields, source: undefined };
};
