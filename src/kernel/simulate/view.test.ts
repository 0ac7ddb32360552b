import fc from "fast-check";
import { expect, test } from "vitest";
import { readLayout, writeLayout } from "../../wire/codec.ts";
import type { FieldType, Layout, TypeOf } from "../../wire/layout.ts";
import { Everything } from "./fixtures/layouts.ts";
import { Memory } from "./memory.ts";
import { view } from "./view.ts";

type EverythingObject = TypeOf<typeof Everything>;

const OFFSET = 3;

const open = (): { memory: Memory; all: EverythingObject } => {
  const memory = new Memory(new Uint8Array(OFFSET + Everything.size + 2));
  return { memory, all: view(Everything as Layout, memory, OFFSET) as EverythingObject };
};

const valueOf = (type: FieldType): fc.Arbitrary<unknown> => {
  switch (type.kind) {
    case "integer":
      return type.bits > 48
        ? fc.bigInt(type.signed ? -(2n ** 63n) : 0n, 2n ** BigInt(type.bits - (type.signed ? 1 : 0)) - 1n)
        : fc.integer({ min: type.signed ? -(2 ** 31) : 0, max: 2 ** (type.bits - (type.signed ? 1 : 0)) - 1 });
    case "bits":
      return fc.integer({ min: 0, max: 2 ** type.bits - 1 });
    case "address":
      return {
        mac: fc.constantFrom("02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"),
        ipv4: fc.ipV4(),
        ipv6: fc.constantFrom("::", "db01::1", "1:2:3:4:5:6:7:8"),
      }[type.family];
    case "array":
      return fc.array(valueOf(type.element), { minLength: type.length, maxLength: type.length });
    case "nested":
      return objectOf(type.layout);
  }
};

const objectOf = (layout: Layout): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(layout.fields.map((field) => [field.name, valueOf(field.type)])));

test("writing through a view is what the codec writes, and reads back", () => {
  fc.assert(
    fc.property(objectOf(Everything as Layout), (value) => {
      const { memory, all } = open();
      const object = value as EverythingObject;
      Object.assign(all, object);
      const expected = new Uint8Array(memory.bytes.length);
      writeLayout(Everything, object, expected, OFFSET);
      expect(memory.bytes).toEqual(expected);
      expect(readLayout(Everything, memory.bytes, OFFSET)).toEqual(object);
      for (const { name, type } of Everything.fields) {
        if (type.kind === "nested" || (type.kind === "array" && type.element.kind === "nested")) continue;
        expect(Reflect.get(all, name)).toEqual(Reflect.get(object, name));
      }
      expect(all.inner.source).toBe(object.inner.source);
      expect(all.pairs[1]!.high).toBe(object.pairs[1]!.high);
    }),
    { numRuns: 100 },
  );
});

test("stores wrap to their width", () => {
  const { all } = open();
  all.byte = 0x1ff;
  all.native32 = -1;
  all.signed32 = 0x8000_0000;
  all.net24 = 0x1234_5678;
  all.net48 = -1;
  all.native64 = -1n;
  all.net56 = 1n << 60n;
  all.crossing = 0xffff;
  expect([all.byte, all.native32, all.signed32, all.net24]).toEqual([0xff, 0xffff_ffff, -0x8000_0000, 0x34_5678]);
  expect([all.net48, all.native64, all.net56]).toEqual([0xffff_ffff_ffff, 2n ** 64n - 1n, 0n]);
  expect([all.five, all.crossing, all.six]).toEqual([0, 0x1fff, 0]);
});

test("views are live, parts of them too", () => {
  const { memory, all } = open();
  const { inner, bytes, pairs } = all;
  bytes[4] = 0x1ff;
  inner.etherType = 0x86dd;
  pairs[1]!.high = 5;
  pairs[0] = { low: 1, high: 2 };
  expect(all.bytes[4]).toBe(0xff);
  expect(all.inner.etherType).toBe(0x86dd);
  expect([...all.pairs].map(({ low, high }) => [low, high])).toEqual([
    [1, 2],
    [0, 5],
  ]);
  memory.bytes.fill(0xaa);
  expect(bytes).toEqual([0xaa, 0xaa, 0xaa, 0xaa, 0xaa]);
  expect(inner.source).toBe("aa:aa:aa:aa:aa:aa");
});

test("a view can be assigned to a part of the same memory", () => {
  const { all } = open();
  all.inner.etherType = 0x1234;
  const { inner, words } = all;
  all.inner = inner;
  expect(all.inner.etherType).toBe(0x1234);
  all.words = [1, 2, 3];
  all.words = words;
  expect(all.words).toEqual([1, 2, 3]);
});

test("what does not fit is refused", () => {
  const { all } = open();
  expect(() => all.bytes[5]).toThrow("index 5 is not in an array of 5");
  expect(() => (all.bytes[-1] = 1)).toThrow("index -1 is not in an array of 5");
  expect(() => (all.bytes = [1])).toThrow("1 values for an array of 5");
  expect(() => Object.assign(all, { native64: 1 })).toThrow(TypeError);
  expect(() => Object.assign(all, { native32: 1n })).toThrow(TypeError);
  expect(() => Object.assign(all, { four: "1.2.3" })).toThrow("1.2.3");
});

test("a stale view says what made it so", () => {
  const { memory, all } = open();
  const { bytes, inner } = all;
  memory.invalidate("adjustRoom");
  expect(() => all.byte).toThrow("Everything.byte is used after adjustRoom, which made the view stale");
  expect(() => (all.byte = 1)).toThrow(expect.objectContaining({ code: "stale-view" }));
  expect(() => bytes[0]).toThrow("element 0 of an array is used after adjustRoom");
  expect(() => inner.source).toThrow("Ethernet.source");
});
