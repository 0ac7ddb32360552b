/** Atomic accesses: the same in the kernel and in V8, and each one instruction. */
import { expect, test } from "vitest";
import { disassemble } from "../../src/compiler/backend/disassemble.ts";
import { compile } from "../../src/compiler/compile.ts";
import { toHex } from "../fuzz/hex.ts";
import { Random } from "../fuzz/random.ts";
import { agreeOn } from "./agree.ts";
import { everyAtomic, level, loads, seen, shared, total } from "./programs/atomics.bpf.ts";

test("every atomic access to every kind of field", () => {
  const random = new Random(9);
  const runs = Array.from({ length: 300 }, () => {
    const words = [0, 0].map(() => random.pick([0, 1, 5, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, random.u32()]));
    const numbers = words.map((word) => word.toString(16).padStart(8, "0"));
    return { packet: `${"00".repeat(14)} 0${random.below(7)} 0${random.below(4)} ${numbers.join("")} 00000000` };
  });
  const { maps } = agreeOn(everyAtomic, runs, [shared, total, level, seen]);
  expect(maps.get("seen")?.get("00000000")).not.toMatch(/^0+$/);
});

test("a load happens whether or not its value is needed, and each on its own", () => {
  const code = disassemble(compile(loads).code);
  expect(code.match(/= \*\(u64 \*\)/g)?.length).toBe(1);
  expect(code.match(/= \*\(u32 \*\)/g)?.length).toBe(2);
  agreeOn(loads, [{ packet: toHex(new Uint8Array(60)) }], [shared]);
});

test("each is one instruction, and atomicAdd asks for no answer", () => {
  const code = disassemble(compile(everyAtomic).code);
  expect(code.match(/lock/g)?.length).toBe(6 + 5 + 5 + 6 + 3);
  expect(code.match(/lock add /g)?.length).toBe(6);
});
