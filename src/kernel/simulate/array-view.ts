import { bitsOf, type ArrayType, type FieldType } from "../../wire/layout.ts";
import type { Access, Place } from "./access.ts";
import type { Memory } from "./memory.ts";

/**
 * A fixed-length array field as a live array: `view.data[3] = 1` writes the byte. An index that is not in the array is a
 * RangeError, where the kernel's verifier would refuse the program.
 */
export const arrayView = (type: ArrayType, element: Access, place: Place, bit: number): unknown[] => {
  const step = bitsOf(type.element);
  const at = (key: string | symbol): number | null => {
    if (typeof key === "symbol" || !/^-?\d/.test(key)) return null;
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= type.length) {
      throw new RangeError(`index ${key} is not in an array of ${type.length}`);
    }
    if (place.generation !== place.memory.generation) throw place.memory.stale(`element ${key} of an array`);
    return bit + index * step;
  };
  const proxy = new Proxy<unknown[]>(Array.from({ length: type.length }), {
    get: (target, key) => {
      const position = at(key);
      return position === null ? (Reflect.get(target, key) as unknown) : element.read(place, position);
    },
    set: (_target, key, value) => {
      const position = at(key);
      place.memory.mustBeWritable("an array");
      if (position !== null) element.write(place, position, value);
      return position !== null;
    },
    getOwnPropertyDescriptor: (target, key) => {
      const position = at(key);
      if (position === null) return Reflect.getOwnPropertyDescriptor(target, key);
      return { value: element.read(place, position), writable: true, enumerable: true, configurable: true };
    },
  });
  places.set(proxy, (key) => {
    const position = at(key);
    return position === null ? null : { memory: place.memory, type: type.element, bit: position };
  });
  return proxy;
};

interface ElementPlace {
  readonly memory: Memory;
  readonly type: FieldType;
  readonly bit: number;
}

const places = new WeakMap<object, (key: string) => ElementPlace | null>();

/** Where an element of a live array is. Throws for other arrays, and for what is not in the array. */
export const arrayElement = (array: readonly unknown[], index: number | string): ElementPlace => {
  const found = places.get(array)?.(String(index)) ?? null;
  if (found === null) throw new TypeError("not an element of an array in packet, map or record memory");
  return found;
};
