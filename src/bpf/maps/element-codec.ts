/** Keys and values of maps as bytes: a layout reads as an object, a bare field as its own value. */
import { sizeOfElement, type Element } from "../../kernel/maps.ts";
import { readLayout, readValue, writeLayout, writeValue } from "../../wire/codec.ts";

export interface ElementCodec<T> {
  readonly size: number;
  read(bytes: Uint8Array, offset: number): T;
  /** Writes every byte, holes as zero. */
  write(value: T, bytes: Uint8Array, offset: number): void;
}

/** `T` is what the descriptor's type says the element reads as. */
export const elementCodec = <T>(element: Element): ElementCodec<T> => {
  const size = sizeOfElement(element);
  if (element.kind === "layout") {
    return {
      size,
      read: (bytes, offset) => readLayout(element, bytes, offset) as T,
      write: (value, bytes, offset) => writeLayout(element, value, bytes, offset),
    };
  }
  return {
    size,
    read: (bytes, offset) => readValue(element, bytes, offset) as T,
    write: (value, bytes, offset) => writeValue(element, value as never, bytes, offset),
  };
};
