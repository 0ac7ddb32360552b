/** Every atomic access, on every kind of field that has it. */
import {
  atomicAdd,
  atomicLoad,
  atomicStore,
  compareExchange,
  exchange,
  fetchAdd,
} from "../../../src/kernel/atomics.ts";
import { arrayMap, variable } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { array, be32, header, i32, i64, nested, struct, u16, u32, u64, u8 } from "../../../src/wire/layout.ts";

const State = struct("state", { epoch: u8, flags: u16, owner: i32 });
const Shared = struct("shared", {
  count: u64,
  balance: i64,
  narrow: u32,
  small: i32,
  state: nested(State),
  words: array(u32, 4),
  longs: array(i64, 4),
  bytes: array(u8, 4),
  states: array(nested(State), 2),
});
export const shared = arrayMap(Shared, { entries: 1, name: "shared" });
export const total = variable(u64, 7n, { name: "total" });
export const level = variable(i32, -3, { name: "level" });
/** What the calls answered, as a checksum that tells them apart. */
export const seen = variable(u64, 0n, { name: "seen" });
export const Input = header("input", "", { which: u8, index: u8, a: be32, b: be32 });

const saw = (value: bigint): void => {
  seen.value = BigInt.asUintN(64, (seen.value << 7n) ^ (seen.value >> 57n) ^ value);
};
const sawNumber = (value: number): void => saw(value < 0 ? BigInt(value + 0x1_0000_0000) : BigInt(value));
const sawSigned = (value: bigint): void => saw(BigInt.asUintN(64, value));

export const everyAtomic = xdp((ctx) => {
  const input = ctx.packet.at(Input, 14);
  const value = shared.lookup(0);
  if (input === null || value === null) return 0;
  const { a, b } = input;
  const wide = BigInt(a) * 0x1_0000_0001n;
  const index = input.index & 3;
  switch (input.which & 7) {
    case 0:
      sawNumber(atomicLoad(value.state, "epoch"));
      sawNumber(atomicLoad(value.state, "flags"));
      sawNumber(atomicLoad(value.state, "owner"));
      sawNumber(atomicLoad(value.bytes, index));
      sawNumber(atomicLoad(value.words, index));
      sawSigned(atomicLoad(value.longs, index));
      saw(atomicLoad(value, "count"));
      saw(atomicLoad(total, "value"));
      return 2;
    case 1:
      atomicStore(value.state, "epoch", a);
      atomicStore(value.state, "flags", a + b);
      atomicStore(value.state, "owner", a - b);
      atomicStore(value.bytes, index, b);
      atomicStore(value.longs, index, wide);
      atomicStore(value, "count", wide - 1n);
      atomicStore(level, "value", b);
      return 2;
    case 2:
      atomicAdd(value, "count", wide);
      atomicAdd(value, "balance", -wide);
      atomicAdd(value, "narrow", a - b);
      atomicAdd(value.states[index & 1]!, "owner", b);
      atomicAdd(value.words, index, a);
      atomicAdd(total, "value", BigInt(b));
      return 2;
    case 3:
      saw(fetchAdd(value, "count", wide));
      sawSigned(fetchAdd(value, "balance", -wide));
      sawNumber(fetchAdd(value, "small", a * 4096));
      sawNumber(fetchAdd(value.words, index, a * 0x10_0000));
      sawNumber(fetchAdd(level, "value", -5));
      return 2;
    case 4:
      saw(exchange(value, "count", wide));
      sawSigned(exchange(value, "balance", -1n));
      sawNumber(exchange(value, "narrow", a - b));
      sawNumber(exchange(value, "small", a));
      sawSigned(exchange(value.longs, index, wide));
      return 2;
    case 5:
      saw(compareExchange(value, "count", wide, 5n));
      sawSigned(compareExchange(value, "balance", value.balance, wide));
      sawNumber(compareExchange(value, "narrow", value.narrow, b));
      sawNumber(compareExchange(value, "small", value.small, -1));
      sawNumber(compareExchange(value.words, index, a, b));
      sawSigned(compareExchange(value.longs, index, -1n, wide));
      return 2;
    default:
      // Signs do not count, bits do; and a number may be longer than the field.
      sawNumber(compareExchange(value, "small", value.small + 0x1_0000_0000, 3));
      sawNumber(compareExchange(value, "narrow", -1, a));
      sawSigned(compareExchange(value, "balance", BigInt.asUintN(64, value.balance), 9n));
      return (atomicLoad(level, "value") + 0x8000_0000) & 0xff;
  }
});

/** A load whose value nobody needs, and two that may not be one. */
export const loads = xdp(() => {
  const value = shared.lookup(0);
  if (value === null) return 0;
  atomicLoad(value, "count");
  return atomicLoad(value, "narrow") === atomicLoad(value, "narrow") ? 2 : 1;
});
