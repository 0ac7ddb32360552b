/** Loops whose sums nothing bounds but the number of rounds; the others tell how arrays and objects are taken apart. */
import { array, range, struct, tc, u8 } from "../../../src/kernel/index.ts";

const Bytes = struct("Bytes", { bytes: array(u8, 40) });
const One = struct("One", { byte: u8 });

/** Up, with as much as a byte holds. */
export const sumOfBytes = tc((ctx) => {
  const view = ctx.packet.at(Bytes, 0);
  if (view === null) return 0;
  let sum = 0;
  let most = 0;
  const last = ctx.mark & 31;
  for (let at = 0; at <= last; at++) {
    const byte = view.bytes[at]!;
    sum += byte;
    if (byte > most) most = byte;
  }
  return Math.trunc(sum / (last + 1)) + most;
});

/** Down, in steps, below zero; the test stands at the end, or in the middle. */
export const manyWays = tc((ctx) => {
  const rounds = ctx.mark & 127;
  let down = 0;
  for (let at = rounds; at > 0; at -= 3) down -= at;
  let twice = 0n;
  let at = 0;
  do {
    twice += BigInt(at);
    at += 2;
  } while (at < rounds);
  let inside = 0;
  for (let step = 0; ; step++) {
    if (step >= rounds) break;
    if ((step & 3) === 1) continue;
    inside += 5;
  }
  return 100_000 + down + Number(twice) + inside;
});

/** Loops in loops: what the inner one adds in all its rounds is what a round of the outer one adds. */
export const nested = tc((ctx) => {
  const rounds = ctx.mark & 63;
  let count = 0;
  outer: for (let i = 0; i < rounds; i++) {
    for (let j = 0; j < 40; j++) {
      if (i + j === 50) break outer;
      if (j > i) continue outer;
      count++;
    }
    for (const k of range(0, rounds)) if (k === 7) count += 2;
  }
  return count;
});

/** A sum that is where the packet is read. */
export const options = tc((ctx) => {
  let at = 14;
  let count = 0;
  for (let round = 0; round < 40; round++) {
    const option = ctx.packet.at(One, at);
    if (option === null) break;
    at += (option.byte & 3) + 1;
    count++;
  }
  return count * 1000 + at;
});

/** A bigint that wraps counts no rounds. */
export const wrapping = tc((ctx) => {
  let left = BigInt(ctx.mark & 7);
  let sum = 0;
  for (let at = 0; at < 50; at++) {
    left = BigInt.asUintN(64, left - 1n);
    sum += 2;
  }
  return Number(left & 0xffn) + sum;
});

/** Numbers that are shifted away, and sums over their bits and digits. */
export const shifted = tc((ctx) => {
  let [value, bits, ones] = [ctx.mark, 0, 0];
  while (value > 0) {
    const low = value & 1;
    value >>>= 1;
    bits++;
    if (low === 0) continue;
    ones++;
  }
  let nibbles = 0;
  for (let rest = ctx.mark & 0xffff; rest; rest = (rest & 1) === 1 ? rest >> 4 : rest >> 3) nibbles++;
  let folded = ctx.mark;
  let shifts = 0;
  do {
    folded = folded >>> 2;
    shifts++;
  } while (folded !== 0);
  let digits = 0;
  let left = ctx.mark;
  for (let round = 0; round < 10 && left > 0; round++) {
    digits += left % 10;
    left = Math.trunc(left / 10);
  }
  return bits + ones * 100 + nibbles * 10_000 + shifts * 100_000 + digits;
});

/** Parts of objects and texts, and what may be changed: what no one else sees. */
export const parts = tc((ctx) => {
  const key = "b";
  const { [key]: b, a, ...others } = { a: ctx.mark & 3, b: 2, c: 3, d: ctx.mark & 4 };
  const { x: _, ...constants } = { x: 1, y: 2, z: 3 };
  let sum = a + b + others.c + others.d + constants.y + constants.z;
  for (const letter of "abc") sum += letter.charCodeAt(0);
  for (const [at, name] of Object.keys({ two: 2, one: 1 }).sort().entries()) if (name === "two") sum += at;
  return sum + [3, 1, 2].reverse()[0]! + Object.assign({}, { e: 5 }).e;
});
