import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeLayout,
  fieldOf,
  readField,
  readLayout,
  readValue,
  writeField,
  writeLayout,
  writeValue,
} from "./codec.ts";
import { readBits, readInteger, writeBits, writeInteger } from "./integer.ts";
import {
  array, be16, be24, be32, be48, be56, be64, bits, header, i32, i64, ipv6Address, macAddress, nested, struct, u16, u32,
  u64, u8, type IntegerType,
} from "./layout.ts"; // prettier-ignore
import { ipv6, mac } from "./address.ts";

describe("integers", () => {
  const types = ([8, 16, 24, 32, 48, 56, 64] as const).flatMap((width) =>
    (["big", "little"] as const).flatMap((order) =>
      [false, true].map((signed): IntegerType => ({ kind: "integer", bits: width, order, signed })),
    ),
  );

  test.each(types)(
    "$bits bits, $order, signed $signed: agree with bigint arithmetic, at any offset, and wrap",
    (type) => {
      const size = type.bits / 8;
      fc.assert(
        fc.property(fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }), fc.nat(3), (wild, offset) => {
          const narrow = type.bits <= 48;
          const value = narrow ? BigInt.asIntN(53, wild) : wild;
          const bytes = new Uint8Array(size + 5).fill(0xaa);
          writeInteger(type, narrow ? Number(value) : value, bytes, offset);
          const ordered = [...bytes.subarray(offset, offset + size)];
          if (type.order === "little") ordered.reverse();
          expect(ordered.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)).toBe(BigInt.asUintN(type.bits, value));
          expect([...bytes.subarray(0, offset), ...bytes.subarray(offset + size)]).toEqual(Array(5).fill(0xaa));
          const expected = type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
          expect(readInteger(type, bytes, offset)).toBe(narrow ? Number(expected) : expected);
        }),
      );
    },
  );

  test("numbers and bigints do not mix", () => {
    expect(() => writeInteger(be32, 1n, new Uint8Array(4), 0)).toThrow(TypeError);
    expect(() => writeInteger(be64, 1, new Uint8Array(8), 0)).toThrow(TypeError);
  });
});

test("bit fields of 1 to 32 bits at any bit agree with a string of bits, and leave their neighbours", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 6, maxLength: 6 }),
      fc.integer({ min: 1, max: 32 }),
      fc.nat(15),
      fc.integer({ min: 0, max: 0xffff_ffff }),
      (bytes, count, offset, value) => {
        const text = (): string => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        const before = text();
        expect(readBits(bytes, offset, count)).toBe(Number.parseInt(before.slice(offset, offset + count), 2));
        writeBits(value, bytes, offset, count);
        const own = value
          .toString(2)
          .padStart(32, "0")
          .slice(32 - count);
        expect(text()).toBe(before.slice(0, offset) + own + before.slice(offset + count));
      },
    ),
  );
});

describe("layouts", () => {
  const Inner = header("Inner", "", { kind: bits(3), value: bits(21), tag: be24 });
  const Record = struct("Record", {
    flag: u8,
    count: u32,
    port: be16,
    small: array(u16, 3),
    total: u64,
    wide: be56,
    delta: i32,
    drift: i64,
    address: ipv6Address,
    link: macAddress,
    inner: array(nested(Inner), 2),
    serial: be48,
    order: be64,
    mark: be32,
  });
  const value = {
    flag: 1,
    count: 0xdeadbeef,
    port: 443,
    small: [1, 2, 3],
    total: 2n ** 63n,
    wide: 2n ** 55n + 1n,
    delta: -5,
    drift: -6n,
    address: ipv6("db01::1"),
    link: mac("2e:fe:7c:b0:c7:72"),
    inner: [
      { kind: 5, value: 0x12345, tag: 7 },
      { kind: 1, value: 2, tag: 3 },
    ],
    serial: 2 ** 47 + 1,
    order: 9n,
    mark: 0xffffffff,
  };

  test("write and read back, holes zero, neighbours kept", () => {
    const bytes = new Uint8Array(Record.size + 8).fill(0xee);
    writeLayout(Record, value, bytes, 3);
    expect(readLayout(Record, bytes, 3)).toEqual(value);
    expect([...bytes.subarray(0, 3), ...bytes.subarray(3 + Record.size)]).toEqual(Array(8).fill(0xee));
    // Between flag and count.
    expect([...bytes.subarray(4, 7)]).toEqual([0, 0, 0]);
    const filled = new Uint8Array(Record.size).fill(0xff);
    writeLayout(Record, value, filled, 0);
    expect(filled).toEqual(encodeLayout(Record, value));
  });

  test("single fields", () => {
    const bytes = encodeLayout(Record, value);
    expect(readField(fieldOf(Record, "wide"), bytes, 0)).toBe(2n ** 55n + 1n);
    writeField(fieldOf(Record, "port"), 0x1_0050, bytes, 0);
    expect(readLayout(Record, bytes, 0)).toEqual({ ...value, port: 80 });
    writeField(fieldOf(Record, "address"), "::1", bytes, 0);
    expect(readField(fieldOf(Record, "address"), bytes, 0)).toBe("::1");
    expect(() => fieldOf(Record, "nothing")).toThrow("Record has no field nothing");
  });

  test("bare types", () => {
    const bytes = new Uint8Array(16);
    writeValue(ipv6Address, ipv6("db02::2"), bytes, 0);
    expect(readValue(ipv6Address, bytes, 0)).toBe("db02::2");
    expect(readValue(be16, bytes, 14)).toBe(2);
  });

  test("what does not fit is refused", () => {
    const bytes = new Uint8Array(Record.size);
    expect(() => readLayout(Record, bytes, 1)).toThrow(RangeError);
    expect(() => writeLayout(Record, value, bytes, -1)).toThrow(RangeError);
    expect(() => readField(fieldOf(Record, "mark"), bytes, 1 + Record.size - 4)).toThrow(RangeError);
    expect(() => readValue(be32, bytes, Record.size - 3)).toThrow(RangeError);
    expect(() => writeLayout(Record, { ...value, small: [1] }, bytes, 0)).toThrow(RangeError);
    expect(() => writeLayout(Record, { flag: 1 } as typeof value, bytes, 0)).toThrow("Record.count is missing");
    expect(() => writeLayout(Record, { ...value, address: "x" as typeof value.address }, bytes, 0)).toThrow('"x"');
  });
});
