/** Numbers of 24, 48 and 56 bits: the same in the kernel and in V8, and read at once where the header goes on behind them. */
import { expect, test } from "vitest";
import { disassemble } from "../../src/compiler/backend/disassemble.ts";
import { compile } from "../../src/compiler/compile.ts";
import { toHex } from "../fuzz/hex.ts";
import { Random } from "../fuzz/random.ts";
import { agreeOn } from "./agree.ts";
import { read, withNeighbours, written } from "./programs/odd-fields.bpf.ts";

const random = new Random(12);
const runs = Array.from({ length: 40 }, () => ({ packet: toHex(random.bytes(60)) }));

test.each([
  ["with bytes behind them, or none", withNeighbours],
  ["written before", written],
])("%s", (_, program) => {
  expect(agreeOn(program, runs).runs.length).toBe(runs.length);
});

test("24 bits are a load, a swap and a shift", () => {
  const lines = disassemble(compile(read).code).split("\n");
  const at = lines.findIndex((line) => line.includes("be32"));
  expect(lines.slice(at - 1, at + 2).map((line) => line.replace(/^ *\d+: /, ""))).toEqual([
    "r0 = *(u32 *)(r0 -4)",
    "r0 = be32 r0",
    "r0 >>= 8",
  ]);
});
