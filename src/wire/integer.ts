/** Integers and bit fields in bytes: the only place that knows byte order, odd widths and fields that cross bytes. */
import type { IntegerType } from "./layout.ts";

const wide = new DataView(new ArrayBuffer(8));
const wideBytes = new Uint8Array(wide.buffer);

/** Reads the integer at byte `at`: a number up to 48 bits, else a bigint. Does not check bounds. */
export const readInteger = (type: IntegerType, bytes: Uint8Array, at: number): number | bigint => {
  const little = type.order === "little";
  const width = type.bits;
  if (width > 48) return readWide(type, bytes, at);
  if (width === 8) return type.signed ? (bytes[at]! << 24) >> 24 : bytes[at]!;
  if (width === 16) {
    const value = little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
    return type.signed ? (value << 16) >> 16 : value;
  }
  if (width === 24) {
    const value = little
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
      : (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    return type.signed ? (value << 8) >> 8 : value;
  }
  if (width === 32) {
    const value = little
      ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return type.signed ? value : value >>> 0;
  }
  const first = little ? at + 5 : at;
  const step = little ? -1 : 1;
  const high = (bytes[first]! << 8) | bytes[first + step]!;
  const low =
    ((bytes[first + 2 * step]! << 24) |
      (bytes[first + 3 * step]! << 16) |
      (bytes[first + 4 * step]! << 8) |
      bytes[first + 5 * step]!) >>>
    0;
  return (type.signed ? (high << 16) >> 16 : high) * 2 ** 32 + low;
};

/** Writes the integer at byte `at`, modulo its width as DataView does. Does not check bounds; a bigint where a number belongs, or the reverse, is a TypeError. */
export const writeInteger = (type: IntegerType, value: number | bigint, bytes: Uint8Array, at: number): void => {
  const size = type.bits / 8;
  const little = type.order === "little";
  if (type.bits > 48) {
    if (typeof value !== "bigint") throw new TypeError(`${type.bits}-bit integers are bigints, not ${typeof value}s`);
    wide.setBigUint64(0, value, little);
    const from = little ? 0 : 8 - size;
    for (let index = 0; index < size; index++) bytes[at + index] = wideBytes[from + index]!;
    return;
  }
  if (typeof value !== "number") throw new TypeError(`${type.bits}-bit integers are numbers, not ${typeof value}s`);
  const whole = Math.trunc(value);
  const low = whole >>> 0;
  const high = size > 4 ? Math.floor(whole / 2 ** 32) >>> 0 : 0;
  for (let index = 0; index < size; index++) {
    // `index` counts from the least significant byte.
    const byte = index < 4 ? low >>> (8 * index) : high >>> (8 * (index - 4));
    bytes[little ? at + index : at + size - 1 - index] = byte;
  }
};

/** Reads `count` (1 to 32) bits, most significant first, from `bitOffset` of `bytes`. Does not check bounds. */
export const readBits = (bytes: Uint8Array, bitOffset: number, count: number): number => {
  const at = Math.floor(bitOffset / 8);
  const skip = bitOffset - at * 8;
  const tail = 32 - skip - count;
  if (tail >= 0) {
    let word = bytes[at]! << 24;
    if (skip + count > 8) word |= bytes[at + 1]! << 16;
    if (skip + count > 16) word |= bytes[at + 2]! << 8;
    if (skip + count > 24) word |= bytes[at + 3]!;
    return (word << skip) >>> (32 - count);
  }
  // Five bytes: 40 bits, exact as a number.
  const word =
    bytes[at]! * 2 ** 32 +
    (((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0);
  return Math.floor(word / 2 ** (8 + tail)) % 2 ** count;
};

/** Writes the low `count` bits of `value`; the bits around them stay. Does not check bounds. */
export const writeBits = (value: number, bytes: Uint8Array, bitOffset: number, count: number): void => {
  let rest = Math.trunc(value) >>> 0;
  for (let left = count, end = bitOffset + count; left > 0;) {
    const at = Math.floor((end - 1) / 8);
    const shift = (at + 1) * 8 - end;
    const take = Math.min(left, 8 - shift);
    const mask = ((1 << take) - 1) << shift;
    bytes[at] = (bytes[at]! & ~mask) | ((rest << shift) & mask);
    rest >>>= take;
    end -= take;
    left -= take;
  }
};

const readWide = (type: IntegerType, bytes: Uint8Array, at: number): bigint => {
  const size = type.bits / 8;
  const little = type.order === "little";
  wideBytes.fill(0);
  const from = little ? 0 : 8 - size;
  for (let index = 0; index < size; index++) wideBytes[from + index] = bytes[at + index]!;
  const value = wide.getBigUint64(0, little);
  return type.signed ? BigInt.asIntN(type.bits, value) : value;
};
