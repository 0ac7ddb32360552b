/** Loops over `range()`, each with something that a loop of the kernel must get right. */
import { arrayMap, ringBuffer } from "../../../src/kernel/maps.ts";
import { tc, xdp } from "../../../src/kernel/program.ts";
import { range } from "../../../src/kernel/range.ts";
import { array, be32, header, struct, u32, u8 } from "../../../src/wire/layout.ts";

const Start = header("start", "", { from: u8, to: u8, stop: u8, step: u8 });
const Word = header("word", "", { value: be32 });
const Byte = header("byte", "", { value: u8 });
const Row = struct("Row", { cells: array(u32, 16), total: u32 });
export const rows = arrayMap(Row, { entries: 4, name: "rows" });
const Mark = struct("Mark", { at: u32, sum: u32 });
export const marks = ringBuffer({ bytes: 65_536, name: "marks" });

/** More than XDP has verdicts. */
const answers = { found: 77, stopped: 200 };

/** Carries a number and a boolean; leaves by break and by return. */
export const sums = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    let sum = 0;
    let isOdd = false;
    for (const at of range(start.from, start.to)) {
      if (at === start.stop) break;
      if (at === 77) return answers.found;
      sum = (sum + at) & 0xffff;
      isOdd = !isOdd;
    }
    return isOdd ? sum + 100_000 : sum;
  },
  { name: "sums" },
);

/** What is carried becomes an offset into the packet, and what the loop compares with is one as well, behind it. */
export const offsets = tc(
  (ctx) => {
    const start = ctx.packet.at(Start, 14);
    if (start === null) return 0;
    const { to, step } = start;
    let offset = 18;
    let found = 0;
    for (const at of range(0, 64)) {
      if (at >= to) break;
      const word = ctx.packet.at(Word, offset);
      if (word === null) break;
      if (step < 3) {
        found = (found + 1) & 0xff;
        offset = (offset + 1) & 0x3f;
        continue;
      }
      const byte = ctx.packet.at(Byte, step);
      if (byte !== null) found = (found + byte.value) & 0xff;
      offset = (offset + step) & 0x7f;
    }
    const last = ctx.packet.at(Byte, to);
    return last === null ? found : found * 256 + last.value;
  },
  { name: "offsets" },
);

/** Nested, with jumps out of both; negative bounds. */
export const nested = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    const { from, to, stop } = start;
    let sum = 0;
    outer: for (const y of range(from - 128, to)) {
      for (const x of range(y, 100)) {
        if (x === stop) continue outer;
        if (x + y === 90) break outer;
        if (x * y === 77) return 1;
        if (x > 20) break;
        sum = (sum + x * 3 - y) & 0xfff;
      }
      sum = (sum + 1) & 0xfff;
    }
    return sum;
  },
  { name: "nested" },
);

/** A counter that nothing masks but its use as an index. */
export const cells = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    const row = rows.lookup(1);
    if (start === null || row === null) return 0;
    let cell = start.from;
    for (const at of range(0, start.to)) {
      if (cell < 16) row.cells[cell] = at + 1;
      cell = (cell + start.step) % 31;
      row.total = (row.total + 1) >>> 0;
    }
    return cell;
  },
  { name: "cells" },
);

/** A record in each round, submitted or discarded, and left by break with none open. */
export const records = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    let sum = 0;
    for (const at of range(start.from, start.to)) {
      const mark = marks.reserve(Mark);
      if (mark === null) break;
      mark.at = at;
      mark.sum = sum;
      if (at === start.stop) {
        marks.discard(mark);
        return answers.stopped;
      }
      const index = Math.trunc(at / 17);
      const byte = ctx.packet.at(Byte, index);
      sum = (sum + (byte === null ? 0 : byte.value)) & 0xffff;
      marks.submit(mark);
    }
    return sum;
  },
  { name: "records" },
);

/** Too many numbers: no rounds. What the loop carries is what it was. */
export const excess = tc(
  (ctx) => {
    let rounds = 5;
    for (const at of range(0, ctx.mark & 0x7fff_ffff)) {
      rounds = (rounds + (at & 1)) & 0xffff;
      if (at === 1000) break;
    }
    return rounds;
  },
  { name: "excess" },
);

const firstAbove = (limit: number, from: number, to: number): number => {
  for (const at of range(from, to)) if (at * at > limit) return at;
  return 9999;
};

/** In functions, one range within the other's round; and short ones that are unrolled. */
export const functions = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    const { from, to, stop } = start;
    let sum = 0;
    for (const at of range(0, stop)) {
      const first = firstAbove(at * 20, from, to);
      if (first === 9999) continue;
      sum = (sum + first) & 0xffff;
    }
    for (const at of range(2, 5)) sum += at;
    for (const at of range(5, 2)) sum += at;
    return sum;
  },
  { name: "functions" },
);

/** Numbers and a bigint that grow by no more than so much a round need no mask. */
export const counters = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    const { from, to, stop, step } = start;
    let count = 0;
    let balance = 1000;
    let total = 5n;
    for (const at of range(from, to)) {
      count++;
      if (at > stop) balance -= step;
      else if (at === 9) continue;
      else balance += 2;
      total += BigInt(step) * 3n;
    }
    return count + balance * 1000 + Number(total) * 3;
  },
  { name: "counters" },
);

const Bytes = header("bytes", "", { all: array(u8, 64) });

/** How many bytes are larger than the one before, 1024 times over. */
export const rounds = xdp(
  (ctx) => {
    const bytes = ctx.packet.at(Bytes, 0);
    if (bytes === null) return 0;
    let rises = 0;
    let last = 0;
    for (const at of range(0, 1024)) {
      const next = bytes.all[at & 63]!;
      if (next > last) rises++;
      last = next;
    }
    return rises;
  },
  { name: "rounds" },
);

/** The same as a loop that the verifier walks. */
export const plainRounds = xdp(
  (ctx) => {
    const bytes = ctx.packet.at(Bytes, 0);
    if (bytes === null) return 0;
    let rises = 0;
    let last = 0;
    for (let at = 0; at < 1024; at++) {
      const next = bytes.all[at & 63]!;
      if (next > last) rises = (rises + 1) & 0xffff;
      last = next;
    }
    return rises;
  },
  { name: "plainRounds" },
);
