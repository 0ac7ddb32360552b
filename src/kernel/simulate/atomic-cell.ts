import { HopmarkError } from "../../errors.ts";
import { readInteger, writeInteger } from "../../wire/integer.ts";
import type { FieldType } from "../../wire/layout.ts";
import type { AtomicCell } from "../runtime.ts";
import { arrayElement } from "./array-view.ts";
import type { Memory } from "./memory.ts";
import { liveField } from "./view.ts";

/** A native integer of at least `least` bytes, at a multiple of its size: a field of a view, or an element of a live array. */
export const atomicCell = (object: object, field: string | number, least: number): AtomicCell => {
  const { memory, type, at, name } = Array.isArray(object) ? elementOf(object, field) : fieldOf(object, field);
  const bytes = type.kind === "integer" ? type.bits / 8 : 0;
  const isNative = type.kind === "integer" && [1, 2, 4, 8].includes(bytes) && (bytes === 1 || type.order === "little");
  if (!isNative || bytes < least || at % bytes !== 0) {
    const sizes = least === 1 ? "1, 2, 4 or 8" : "4 or 8";
    throw new HopmarkError("not-atomic", `${name} is no native integer of ${sizes} bytes at a multiple of its size`);
  }
  return {
    bits: type.bits,
    get: () => readInteger(type, memory.bytes, at),
    set: (value) => writeInteger(type, value, memory.bytes, at),
  };
};

interface Located {
  readonly memory: Memory;
  readonly type: FieldType;
  /** Bytes. */
  readonly at: number;
  readonly name: string;
}

const fieldOf = (object: object, name: string | number): Located => {
  const { state, field } = liveField(object, String(name));
  const at = state.offset + field.bitOffset / 8;
  return { memory: state.memory, type: field.type, at, name: `${state.layout.name}.${name}` };
};

const elementOf = (array: readonly unknown[], index: string | number): Located => {
  const { memory, type, bit } = arrayElement(array, index);
  return { memory, type, at: bit / 8, name: `element ${index} of an array` };
};
