/** Programs that call subprograms, each with something that a call must get right. */
import { arrayMap, hashMap, ringBuffer } from "../../../src/kernel/maps.ts";
import { tc, xdp } from "../../../src/kernel/program.ts";
import { viewInto } from "../../../src/kernel/helpers.ts";
import { range } from "../../../src/kernel/range.ts";
import { subprogram } from "../../../src/kernel/subprogram.ts";
import { ipv4, ipv6, mac } from "../../../src/wire/address.ts";
import {
  array,
  be16,
  be32,
  header,
  i32,
  ipv4Address,
  ipv6Address,
  macAddress,
  nested,
  struct,
  u32,
  u64,
  u8,
} from "../../../src/wire/layout.ts";

const Start = header("start", "", { a: u8, b: u8, c: be16, d: be32, bytes: array(u8, 8) });
const Word = header("word", "", { value: be32 });
const Counter = struct("Counter", { hits: u64, last: u32, cells: array(u32, 8) });
const Pair = struct("Pair", { one: nested(Counter), other: nested(Counter) });
export const counters = arrayMap(Counter, { entries: 4, name: "counters" });
export const pairs = arrayMap(Pair, { entries: 2, name: "pairs" });
export const seen = ringBuffer({ bytes: 65_536, name: "seen" });

const mix = subprogram(
  [u64, u32],
  u64,
  (hash, word) => BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n) ^ (hash >> 7n),
);

const clamp = subprogram([i32, i32, i32], i32, (value, low, high) => {
  if (value < low) return low;
  if (value > high) return high;
  return value;
});

const isOdd = subprogram([u8, "boolean"], "boolean", (value, flip) => ((value & 1) === 1) !== flip);

/** Numbers, bigints and booleans; calls in a loop, in conditions and as arguments of calls. */
export const scalars = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    let hash = 0xcbf29ce484222325n;
    for (let at = 0; at < 40; at++) hash = mix(hash, start.d > at ? start.c : at);
    hash = mix(mix(hash, start.a), start.b);
    const limited = clamp(start.a - 100, clamp(start.b - 300, -50, 0), 60);
    const odd = isOdd(start.a, start.b > 9);
    if (isOdd(start.b, odd)) return Number(hash & 0xffffn);
    return Number(hash & 0xffffn) * 1000 + (limited + 50) * 2 + (odd ? 1 : 0);
  },
  { name: "scalars" },
);

const count = subprogram([Counter, u32, u8], "nothing", (counter, value, cell) => {
  counter.hits += 1n;
  counter.last = value;
  if (cell < 8) counter.cells[cell] = (counter.cells[cell]! + 1) >>> 0;
});

const sum = subprogram([Start, u8], u32, (start, from) => {
  let total = start.c;
  for (const at of range(from, 8)) total += start.bytes[at]!;
  start.b = 7;
  return total;
});

/** Views of the packet, of two maps and of a ring record; what was known of the packet is read again after a call. */
export const views = tc(
  (ctx) => {
    const start = ctx.packet.at(Start, 14);
    if (start === null) return 0;
    const before = start.b;
    const total = sum(start, start.a);
    const counter = counters.lookup(start.a & 3);
    if (counter !== null) count(counter, total, before);
    const pair = pairs.lookup(1);
    if (pair !== null) {
      count(pair.one, start.d, 3);
      count(pair.other, total, start.a);
    }
    const record = seen.reserve(Counter);
    if (record !== null) {
      record.hits = 5n;
      record.last = 0;
      for (let at = 0; at < 8; at++) record.cells[at] = at;
      count(record, total, 2);
      if (record.hits === 6n) seen.submit(record);
      else seen.discard(record);
    }
    return total * 1000 + start.b * 10 + (before === start.b ? 1 : 0);
  },
  { name: "views" },
);

const wordAt = subprogram(["tc", u32], u32, (ctx, offset) => {
  if (offset > 100) return 0;
  const word = ctx.packet.at(Word, offset);
  return word === null ? 1 : word.value;
});

const pushed = subprogram(["tc", u8], "boolean", (ctx, size) => {
  if (size > 40) return false;
  return ctx.pull(60);
});

/** The context goes along: reads of the packet inside, and a packet that moves. */
export const contexts = tc(
  (ctx) => {
    const start = ctx.packet.at(Start, 14);
    if (start === null) return 0;
    const { a } = start;
    const first = wordAt(ctx, a);
    if (!pushed(ctx, a)) return wordAt(ctx, a + 1);
    const again = ctx.packet.at(Start, 14);
    if (again === null) return 2;
    again.a = 9;
    return (first ^ wordAt(ctx, 14)) >>> 0;
  },
  { name: "contexts" },
);

const third = subprogram([u32], u32, (x) => (x * 3) >>> 0);
const second = subprogram([u32, u32], u32, (x, y) => (third(x) + third(y)) >>> 0);
const first = subprogram([u32], u32, (x) => {
  let value = x;
  for (const at of range(0, 5)) value = second(value, at);
  return value;
});

/** Calls within calls, within loops. */
export const chains = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    if (start === null) return 0;
    let value = start.d;
    for (const at of range(0, start.a & 15)) {
      if (first(value) === at) break;
      value = second(first(value), third(at));
    }
    return value;
  },
  { name: "chains" },
);

const Inner = struct("Inner", { a: u32, b: u32, c: u32 });
const Shelf = struct("Shelf", { bytes: array(u8, 32) });
export const shelves = arrayMap(Shelf, { entries: 1, name: "shelves" });
const Holder = struct("Holder", { inner: nested(Inner) });

const moveUp = subprogram([Inner], "nothing", (from) => {
  const shelf = shelves.lookup(0);
  if (shelf !== null) viewInto(shelf, "bytes", Holder, 4).inner = from;
});

/** A struct copied to where it overlaps itself, one view of it lent and one not. */
export const overlap = xdp(
  (ctx) => {
    const start = ctx.packet.at(Start, 0);
    const shelf = shelves.lookup(0);
    if (start === null || shelf === null) return 0;
    for (let at = 0; at < 8; at++) shelf.bytes[at] = start.bytes[at]!;
    moveUp(viewInto(shelf, "bytes", Inner, 0));
    return viewInto(shelf, "bytes", Inner, 4).c;
  },
  { name: "overlap" },
);

const Ends = header("ends", "", {
  a: u8,
  four: ipv4Address,
  other: ipv4Address,
  six: ipv6Address,
  hard: macAddress,
});
const Peer = struct("Peer", { six: ipv6Address, four: ipv4Address, hard: macAddress });
export const peers = hashMap(u32, Peer, { entries: 8, name: "peers" });

const isBetween = subprogram([ipv6Address, ipv6Address, u8], u32, (address, other, salt) => {
  if (address === ipv6("db01::1")) return salt + 1;
  return address === other ? salt + 2 : 0;
});

const keep = subprogram(["tc", ipv6Address, macAddress, ipv4Address], "nothing", (ctx, six, hard, four) => {
  peers.update(ctx.mark, { six, four, hard });
});

const nearer = subprogram([ipv4Address, "boolean", ipv4Address], ipv4Address, (one, isFirst, other) => {
  if (one === ipv4("255.254.253.252")) return ipv4("192.0.2.1");
  return isFirst ? one : other;
});

const vendor = subprogram([macAddress, macAddress], macAddress, (hard, instead) =>
  hard === mac("00:00:00:00:00:00") ? instead : hard,
);

/** Addresses of each family in registers: compared, stored, given back; and the context behind one that takes two. */
export const addresses = tc(
  (ctx) => {
    const ends = ctx.packet.at(Ends, 14);
    if (ends === null) return 0;
    const hard = vendor(ends.hard, mac("02:00:00:ff:fe:fd"));
    const four = nearer(ends.four, ends.a > 3, ends.other);
    ctx.mark = isBetween(ends.six, ipv6("900::"), ends.a);
    keep(ctx, ends.six, hard, four);
    ends.other = nearer(four, false, ipv4("203.0.113.7"));
    ends.hard = hard;
    return isBetween(ipv6("db01::1"), ends.six, 7) * 1000 + (four === ends.four ? 1 : 0) + ctx.mark;
  },
  { name: "addresses" },
);
