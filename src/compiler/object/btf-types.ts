/**
 * Layouts as BTF types, so that bpftool prints maps with field names. BTF knows neither byte order nor bit fields
 * that count from the most significant bit: big-endian integers get the kernel's `__be16` names, addresses and odd
 * widths are byte arrays in wire order, and a bit field that crosses bytes becomes one member per byte
 * (`flags__0`, `flags__1`, the most significant first).
 */
import type { Element } from "../../kernel/maps.ts";
import type { Field, FieldType, IntegerType, Layout } from "../../wire/layout.ts";
import type { BtfBuilder, BtfMember } from "./btf-builder.ts";

const C_NAMES = new Map<number, readonly [unsigned: string, signed: string]>([
  [8, ["unsigned char", "signed char"]],
  [16, ["unsigned short", "short"]],
  [32, ["unsigned int", "int"]],
  [64, ["unsigned long long", "long long"]],
]);

export class BtfLayouts {
  readonly #builder: BtfBuilder;
  readonly #structs = new Map<Layout, number>();

  constructor(builder: BtfBuilder) {
    this.#builder = builder;
  }

  /** Type id of a map's key or value. */
  element(element: Element): number {
    return element.kind === "layout" ? this.layout(element) : this.#type(element);
  }

  /** Type id of a variable's type. Skeletons in C name it and do not describe it: names are for what C and linux/types.h know. */
  variable(type: FieldType): number {
    const isOdd = type.kind === "integer" && !C_NAMES.has(type.bits);
    return isOdd ? this.#bytes(type.bits / 8, "") : this.#type(type);
  }

  layout(layout: Layout): number {
    const known = this.#structs.get(layout);
    if (known !== undefined) return known;
    const members = layout.fields.flatMap((field) => this.#members(field));
    const id = this.#builder.struct(layout.name, layout.size, members);
    this.#structs.set(layout, id);
    return id;
  }

  #members(field: Field): BtfMember[] {
    const { name, bitOffset, bits } = field;
    if (bitOffset % 8 === 0 && bits % 8 === 0) {
      return [{ name, type: this.#type(field.type), bitOffset, bitFieldBits: 0 }];
    }
    const byte = this.#bytes(1, "");
    const pieces: { start: number; bits: number }[] = [];
    for (let start = bitOffset; start < bitOffset + bits;) {
      const end = Math.min(bitOffset + bits, (Math.floor(start / 8) + 1) * 8);
      pieces.push({ start, bits: end - start });
      start = end;
    }
    return pieces.map((piece, index) => ({
      name: pieces.length === 1 ? name : `${name}__${index}`,
      type: byte,
      bitOffset: piece.start - (piece.start % 8) + (8 - (piece.start % 8) - piece.bits),
      bitFieldBits: piece.bits,
    }));
  }

  #type(type: FieldType): number {
    switch (type.kind) {
      case "integer":
        return this.#integer(type);
      case "bits":
        return this.#bigEndian(type.bits);
      case "address":
        return this.#bytes(type.bits / 8, `${type.family}_address`);
      case "nested":
        return this.layout(type.layout);
      case "array": {
        const { element, length } = type;
        if (element.kind === "bits" && element.bits % 8 !== 0) return this.#bytes((element.bits * length) / 8, "");
        return this.#builder.array(this.#type(element), length);
      }
    }
  }

  #integer(type: IntegerType): number {
    if (type.order === "big" && type.bits > 8) return this.#bigEndian(type.bits);
    const names = C_NAMES.get(type.bits);
    if (names === undefined) return this.#bytes(type.bits / 8, `le${type.bits}`);
    return this.#builder.int(names[type.signed ? 1 : 0], type.bits, type.signed);
  }

  #bigEndian(bits: number): number {
    const names = C_NAMES.get(bits);
    if (names === undefined) return this.#bytes(bits / 8, `be${bits}`);
    const type = this.#builder.int(names[0], bits, false);
    return bits === 8 ? type : this.#builder.typedef(`__be${bits}`, type);
  }

  /** `count` bytes; one byte is no array. */
  #bytes(count: number, typedef: string): number {
    const byte = this.#builder.int("unsigned char", 8, false);
    const type = count === 1 ? byte : this.#builder.array(byte, count);
    return typedef === "" ? type : this.#builder.typedef(typedef, type);
  }
}
