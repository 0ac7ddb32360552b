import { encodeLayout, readLayout, readValue, writeValue } from "../../wire/codec.ts";
import { sizeOfElement, type Element } from "../maps.ts";

/** A map's key or value as bytes of its own; `value` may be a view. */
export const encodeElement = (element: Element, value: unknown): Uint8Array => {
  if (element.kind === "layout") return encodeLayout<unknown>(element, value);
  const bytes = new Uint8Array(sizeOfElement(element));
  writeValue(element, value as never, bytes, 0);
  return bytes;
};

/** A copy of a map's key or value as JavaScript. */
export const decodeElement = (element: Element, bytes: Uint8Array): unknown =>
  element.kind === "layout" ? readLayout<unknown>(element, bytes, 0) : readValue(element, bytes, 0);
