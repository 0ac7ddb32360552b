/** One value made of those of all CPUs. */
import { expect, test } from "vitest";
import { array, bits, chars, ipv4, ipv4Address, nested, struct, u16, u32, u64 } from "../wire/index.ts";
import { sumOf } from "./sum.ts";

const Inner = struct("Inner", { count: u32, name: chars(4) });
const Value = struct("Value", {
  bytes: u64,
  name: chars(4),
  from: ipv4Address,
  slots: array(u16, 2),
  pair: array(ipv4Address, 2),
  low: bits(4),
  high: bits(4),
  inner: nested(Inner),
});

const [none, one, two] = [ipv4("0.0.0.0"), ipv4("10.0.0.1"), ipv4("10.0.0.2")] as const;
const idle = {
  bytes: 0n,
  name: [0, 0, 0, 0],
  from: none,
  slots: [0, 0],
  pair: [none, none],
  low: 0,
  high: 0,
  inner: { count: 0, name: [0, 0, 0, 0] },
};
const first = {
  bytes: 1n << 63n,
  name: [97, 98, 0, 0],
  from: one,
  slots: [0xffff, 1],
  pair: [one, none],
  low: 0,
  high: 3,
  inner: { count: 3, name: [0, 0, 0, 0] },
};
const second = {
  bytes: 1n << 63n,
  name: [99, 100, 0, 0],
  from: two,
  slots: [0xffff, 2],
  pair: [two, two],
  low: 2,
  high: 4,
  inner: { count: 4, name: [120, 0, 0, 0] },
};

test("integers are added, past their width; the rest is of the first CPU that has something", () => {
  expect(sumOf(Value, [idle, first, second])).toEqual({
    bytes: 1n << 64n,
    name: [97, 98, 0, 0],
    from: one,
    slots: [0x1fffe, 3],
    pair: [one, two],
    low: 2,
    high: 3,
    inner: { count: 7, name: [120, 0, 0, 0] },
  });
});

test("of CPUs that all have nothing, that is the sum", () => {
  expect(sumOf(Value, [idle, idle])).toEqual(idle);
  expect(sumOf(Value, [idle])).toEqual(idle);
});
