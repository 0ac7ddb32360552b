/** Reads and writes of one field in memory that views share: numbers as they are, arrays and nested layouts as views. */
import { formatAddress, writeAddress } from "../../wire/address.ts";
import { encodeLayout } from "../../wire/codec.ts";
import { readBits, readInteger, writeBits, writeInteger } from "../../wire/integer.ts";
import { bitsOf, type ArrayType, type FieldType, type Layout } from "../../wire/layout.ts";
import { arrayView } from "./array-view.ts";
import type { Memory } from "./memory.ts";

/** Memory as a view found it. */
export interface Place {
  readonly memory: Memory;
  readonly generation: number;
}

/** `bit` counts from the memory's first bit. */
export interface Access {
  read(place: Place, bit: number): unknown;
  write(place: Place, bit: number, value: unknown): void;
}

/** Makes the view of a layout within a layout; a parameter because views are themselves made of accesses. */
export type ViewOf = (layout: Layout, memory: Memory, offset: number, generation: number) => object;

/** How fields of this type are read and written. The caller has checked that the place is not stale. */
export const accessOf = (type: FieldType, viewOf: ViewOf): Access => {
  switch (type.kind) {
    case "integer":
      return {
        read: ({ memory }, bit) => readInteger(type, memory.bytes, bit / 8),
        write: ({ memory }, bit, value) => writeInteger(type, value as number | bigint, memory.bytes, bit / 8),
      };
    case "bits":
      return {
        read: ({ memory }, bit) => readBits(memory.bytes, bit, type.bits),
        write: ({ memory }, bit, value) => writeBits(value as number, memory.bytes, bit, type.bits),
      };
    case "address":
      return {
        read: ({ memory }, bit) => formatAddress(type.family, memory.bytes, bit / 8),
        write: ({ memory }, bit, value) => writeAddress(type.family, value as string, memory.bytes, bit / 8),
      };
    case "array":
      return arrayAccess(type, viewOf);
    case "nested":
      return {
        read: ({ memory, generation }, bit) => viewOf(type.layout, memory, bit / 8, generation),
        // Encoded apart first: the value may be a view of the very bytes that are written.
        write: ({ memory }, bit, value) => memory.bytes.set(encodeLayout<unknown>(type.layout, value), bit / 8),
      };
  }
};

const arrayAccess = (type: ArrayType, viewOf: ViewOf): Access => {
  const element = accessOf(type.element, viewOf);
  const step = bitsOf(type.element);
  return {
    read: (place, bit) => arrayView(type, element, place, bit),
    write: (place, bit, value) => {
      const values = [...(value as readonly unknown[])];
      if (values.length !== type.length) {
        throw new RangeError(`${values.length} values for an array of ${type.length}`);
      }
      values.forEach((own, index) => element.write(place, bit + index * step, own));
    },
  };
};
