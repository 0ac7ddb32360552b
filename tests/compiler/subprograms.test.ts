/** Subprograms: the same in the kernel and in V8, and functions of their own there. */
import { expect, test } from "vitest";
import { disassemble } from "../../src/compiler/backend/disassemble.ts";
import { compile } from "../../src/compiler/compile.ts";
import { agreeOn } from "./agree.ts";
import {
  chains,
  contexts,
  counters,
  overlap,
  pairs,
  scalars,
  seen,
  shelves,
  views,
} from "./programs/subprograms.bpf.ts";

const frame = (...bytes: number[]): string => Buffer.from([...bytes, ...Array<number>(60).fill(7)]).toString("hex");
const behindEthernet = (...bytes: number[]): string => frame(...Array<number>(14).fill(0), ...bytes);

const packets = [
  [0, 0, 0, 0, 0, 0, 0, 0],
  [1, 9, 2, 3, 255, 254, 253, 252, 9, 9, 9, 9],
  [200, 10, 255, 255, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8],
  [255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
  [7, 3, 128, 1, 128, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 200],
];

test("numbers, bigints and booleans", () => {
  agreeOn(
    scalars,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
  );
});

test("views of packet, map and ring record", () => {
  const outcome = agreeOn(
    views,
    packets.map((bytes) => ({ packet: behindEthernet(...bytes) })),
    [counters, pairs],
    [seen],
  );
  expect(outcome.runs.map(({ records }) => records.length)).toEqual([1, 1, 1, 1, 1]);
  const names = compile(views).code.subprograms?.map(({ name }) => name);
  expect(names).toEqual(["sum", "count", "count_2"]);
});

test("the context, and a packet that moves inside", () => {
  agreeOn(
    contexts,
    packets.map((bytes) => ({ packet: behindEthernet(...bytes) })),
  );
});

test("calls within calls and loops", () => {
  agreeOn(
    chains,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
  );
  const { subprograms } = compile(chains).code;
  expect(subprograms?.map(({ name }) => name)).toEqual(["first", "second", "third"]);
});

test("memory that is lent and found again", () => {
  agreeOn(
    overlap,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
    [shelves],
  );
});

test("listings name what is called", () => {
  const text = disassemble(compile(chains).code);
  expect(text).toMatch(/^\nthird:$/m);
  expect(text).toMatch(/call third <\d+>/);
});
