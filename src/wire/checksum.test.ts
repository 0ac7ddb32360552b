import fc from "fast-check";
import { expect, test } from "vitest";
import { checksum, checksumOf, pseudoHeaderSum, sumWords, updateChecksum16, updateChecksum32 } from "./checksum.ts";
import { fromHex } from "./hex.ts";

test("RFC 1071's example", () => {
  expect(checksum(fromHex("0001f203f4f5f6f7"), 0, 8)).toBe(~0xddf2 & 0xffff);
  expect(checksum(fromHex("ff0102"), 1, 2)).toBe(~0x0102 & 0xffff);
});

test("an odd last byte counts as the high half of a word", () => {
  expect(sumWords(fromHex("010203"), 0, 3)).toBe(0x0102 + 0x0300);
});

test("a right IPv4 header sums to 0", () => {
  expect(checksum(fromHex("4500003c000740004006 26b1 0a0000020a000003"), 0, 20)).toBe(0);
});

test("pseudo-headers of both versions, with lengths above 65535", () => {
  const four = fromHex("45000000 00000000 00000000 0a000002 0a000003");
  expect(pseudoHeaderSum(four, 0, 17, 8)).toBe(0x0a00 + 2 + 0x0a00 + 3 + 17 + 8);
  const six = fromHex("60000000 00000000" + "db01" + "00".repeat(13) + "01" + "db02" + "00".repeat(13) + "02");
  expect(pseudoHeaderSum(six, 0, 58, 0x1_0008)).toBe(0xdb01 + 1 + 0xdb02 + 2 + 58 + 1 + 8);
});

test("updating is summing again", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.nat(8),
      fc.nat(0xffff),
      fc.nat(0xffff),
      (bytes, word, high, low) => {
        // A zero checksum's two forms need not be told apart when the rest is not all zero.
        bytes[19] = 1;
        const before = checksum(bytes, 0, 20);
        const at = word * 2;
        const old = (bytes[at]! << 8) | bytes[at + 1]!;
        bytes.set([high >> 8, high & 0xff], at);
        expect(updateChecksum16(before, old, high)).toBe(checksum(bytes, 0, 20));
        const middle = checksum(bytes, 0, 20);
        const old32 = new DataView(bytes.buffer).getUint32(4);
        const to = ((high << 16) | low) >>> 0;
        new DataView(bytes.buffer).setUint32(4, to);
        expect(updateChecksum32(middle, old32, to)).toBe(checksum(bytes, 0, 20));
      },
    ),
  );
});

test("RFC 1624's example, where the older equation goes wrong", () => {
  expect(updateChecksum16(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  expect(checksumOf(0x1_fffe)).toBe(0);
});
