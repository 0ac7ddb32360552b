import { expect, test } from "vitest";
import type { RecordLayout } from "../../compiler/program.ts";
import { ipv4 } from "../../wire/address.ts";
import { encodeLayout } from "../../wire/codec.ts";
import { array, be16, chars, ipv4Address, nested, struct, u16, u32, u8, type Layout } from "../../wire/layout.ts";
import { RecordDecoder } from "./record-decoder.ts";

const Inner = struct("inner", { port: be16, flags: u16 });
const Seen = struct("seen", { source: ipv4Address, inner: nested(Inner), head: array(u8, 4), sizes: array(u32, 2) });
const Named = struct("named", { pid: u32, comm: chars(16) });
const Short = struct("short", { value: u32 });
const whole = (...layouts: Layout[]): RecordLayout[] => layouts.map((layout) => ({ layout, mayBeShorter: false }));
const seen = { source: ipv4("10.0.0.2"), inner: { port: 80, flags: 1 }, head: [1, 2, 255, 0], sizes: [7, 8] };

test("a record is of the layout that has its length", () => {
  const decoder = new RecordDecoder(whole(Seen, Short));
  expect(decoder.decode(encodeLayout(Seen, seen))).toEqual({
    layout: "seen",
    value: seen,
    text: "source 10.0.0.2  inner.port 80  inner.flags 1  head 0x0102ff00  sizes [7 8]",
  });
  expect(decoder.decode(encodeLayout(Short, { value: 70_000 }))).toMatchObject({
    layout: "short",
    text: "value 70000",
  });
});

test("text as text", () => {
  const comm = [...new TextEncoder().encode("node"), ...Array.from({ length: 12 }, () => 0)];
  const { text, value } = new RecordDecoder(whole(Named)).decode(encodeLayout(Named, { pid: 7, comm }));
  expect(text).toBe('pid 7  comm "node"');
  expect(value).toEqual({ pid: 7, comm: "node" });
});

test("bytes where it could be two, or none", () => {
  const decoder = new RecordDecoder(whole(Short, Inner));
  const bytes = Uint8Array.of(1, 2, 3, 4);
  expect(decoder.decode(bytes)).toEqual({ layout: null, value: "0x01020304", text: "4 bytes 0x01020304" });
  expect(decoder.decode(bytes.subarray(1))).toMatchObject({ layout: null, value: "0x020304" });
});

const Copy = struct("copy", { length: u16, port: be16, sizes: array(u16, 3) });
const copy = encodeLayout(Copy, { length: 7, port: 80, sizes: [1, 2, 3] });

test.each([
  [10, { length: 7, port: 80, sizes: [1, 2, 3] }, "length 7  port 80  sizes [1 2 3]"],
  [8, { length: 7, port: 80, sizes: [1, 2] }, "length 7  port 80  sizes [1 2]"],
  [7, { length: 7, port: 80, sizes: [1] }, "length 7  port 80  sizes [1]"],
  [4, { length: 7, port: 80 }, "length 7  port 80"],
  [3, { length: 7 }, "length 7"],
  [0, {}, ""],
] as const)("the first %i bytes of a layout whose records may be shorter", (size, value, text) => {
  const decoder = new RecordDecoder(
    [{ layout: Copy, mayBeShorter: true }, ...whole(Short)].slice(0, size === 4 ? 1 : 2),
  );
  expect(decoder.decode(copy.subarray(0, size))).toEqual({ layout: "copy", value, text });
});

test("bytes where two layouts may be as short, or the layout's records are never shorter", () => {
  const both = new RecordDecoder([Copy, Seen].map((layout) => ({ layout, mayBeShorter: true })));
  expect(both.decode(copy.subarray(0, 8)).layout).toBeNull();
  expect(new RecordDecoder(whole(Copy)).decode(copy.subarray(0, 8)).layout).toBeNull();
});
