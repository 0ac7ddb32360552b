/** What is no description of bytes is refused where it is written, with what to write: sizes would come out as NaN. */
import { expect, test } from "vitest";
import { array, be16, bits, chars, header, nested, struct, u32 } from "./layout.ts";

/** As who does not run the type checker writes it. */
const untyped = (make: unknown, ...args: readonly unknown[]): unknown =>
  Reflect.apply(make as () => unknown, null, args);

const Inner = struct("inner", { a: u32 });

test.each([
  ["no name", struct, [{ a: u32 }], 'struct() lacks a name; write struct("source", { … })'],
  ["no fields", struct, ["s"], "struct() lacks fields"],
  ["no source", header, ["h", { a: be16 }], "header() lacks where the format is defined"],
  ["a number for a type", struct, ["s", { a: 5 }], "s.a is 5, no type; write u32"],
  ["text for a type", header, ["h", "", { a: "u32" }], 'h.a is "u32", no type'],
  ["nothing for a type", struct, ["s", { a: undefined }], "s.a is undefined, no type"],
  ["a layout for a type", struct, ["s", { a: Inner }], "s.a is a layout; write nested(…) around inner"],
  ["an array of a layout", array, [Inner, 4], "the element of an array is a layout; write nested(…) around inner"],
  ["nested() of a type", nested, [u32], "nested() takes a layout"],
  ["a negative length", array, [u32, -1], "the length of an array is -1; give a whole number from 1"],
  ["no length", chars, [], "the length of an array is undefined"],
  ["too many bits", bits, [33], "a number of bits is 33; give a whole number from 1 to 32"],
  [
    "a field off its byte",
    header,
    ["h", "", { a: bits(3), b: be16 }],
    "h.b does not start on a byte; put bits(5) before it",
  ],
  ["an end off its byte", header, ["h", "", { a: bits(3) }], "h does not end on a byte; put bits(5) at its end"],
])("%s", (_, make, args, says) => {
  expect(() => untyped(make, ...args)).toThrow(says);
});
