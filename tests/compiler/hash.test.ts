/** `hash`: the same in the kernel and in V8, as documented, and short. */
import { expect, test } from "vitest";
import { compile } from "../../src/compiler/compile.ts";
import { hash } from "../../src/kernel/hash.ts";
import { ipv4, ipv6 } from "../../src/wire/address.ts";
import { fromHex, toHex } from "../fuzz/hex.ts";
import { Random } from "../fuzz/random.ts";
import { agreeOn } from "./agree.ts";
import { everything, flow, result, wideFlow } from "./programs/hashes.bpf.ts";

const random = new Random(10);
const packets = Array.from({ length: 60 }, () => random.bytes(80));
const runs = packets.map((packet) => ({ packet: toHex(packet) }));

const mix = (state: bigint, value: bigint): bigint => {
  const product = BigInt.asUintN(64, (state ^ value) * 0x9e37_79b9_7f4a_7c15n);
  return product ^ (product >> 32n);
};

test.each([
  ["two IPv4 addresses and a number", flow],
  ["two IPv6 addresses and a number", wideFlow],
  ["everything", everything],
])("%s", (_, program) => {
  for (const run of runs.slice(0, 12)) agreeOn(program, [run], [result]);
});

test("two IPv4 addresses are one step, and so is a number", () => {
  const [packet] = packets as [Uint8Array];
  const view = new DataView(packet.buffer);
  const expected = mix(
    mix(0x243f_6a88_85a3_08d3n, view.getBigUint64(14, true)),
    BigInt(view.getUint32(22, true)) + (BigInt(packet[26]!) << 32n),
  );
  const { maps } = agreeOn(flow, [{ packet: toHex(packet) }], [result]);
  const bytes = fromHex(maps.get("result")?.get("00000000") ?? "");
  expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(expected);
});

test("addresses are little-endian words", () => {
  expect(hash(1n, ipv4("1.2.3.4"))).toBe(mix(1n, 0x0403_0201n));
  expect(hash(1n, ipv6("1::2"), -1)).toBe(mix(mix(mix(1n, 0x0100n), 0x0200_0000_0000_0000n), (1n << 64n) - 1n));
  expect(hash(1n)).toBe(1n);
});

test("takes few instructions", () => {
  expect(compile(flow).code.instructions.length / 8).toBeLessThanOrEqual(33);
});
