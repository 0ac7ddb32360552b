/** Subprograms: the same in the kernel and in V8, and functions of their own there. */
import { expect, test } from "vitest";
import { disassemble } from "../../src/compiler/backend/disassemble.ts";
import { compile } from "../../src/compiler/compile.ts";
import { subprogram, type SubprogramParameter, type SubprogramResult } from "../../src/kernel/subprogram.ts";
import { array, bits, i64, ipv6Address, u32, u8 } from "../../src/wire/layout.ts";
import { agreeOn } from "./agree.ts";
import {
  addresses,
  chains,
  contexts,
  counters,
  overlap,
  pairs,
  peers,
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

test("addresses", () => {
  const six = [...Array<number>(15).fill(0)];
  const first = [0xdb, 1, ...six.slice(2), 1];
  const runs = [
    ...packets,
    [1, 10, 0, 0, 1, 10, 0, 0, 2, ...first, 2, 0, 0, 0, 0, 200],
    [9, 10, 0, 0, 1, 10, 0, 0, 2, 9, ...six, 0, 0, 0, 0, 0, 0],
  ];
  const outcome = agreeOn(
    addresses,
    runs.map((bytes) => ({ packet: behindEthernet(...bytes) })),
    [peers],
  );
  expect(outcome.runs.slice(-2).map(({ verdict, mark }) => [verdict, mark])).toEqual([
    [8002, 2],
    [8012, 11],
  ]);
  expect(outcome.maps.get("peers")?.get("0b000000")).toMatch(`09${"00".repeat(15)}0a000001020000fffefd0000`);
});

test("what no register holds is refused where it is declared", () => {
  const declare =
    (parameters: readonly unknown[], result: unknown = "nothing") =>
    (): unknown =>
      subprogram(parameters as readonly SubprogramParameter[], result as SubprogramResult, () => undefined as never);
  expect(declare([ipv6Address, ipv6Address, u32, u32])).toThrow(/at most 5 parameters, not 4; each IPv6 address/);
  expect(declare([u32, bits(3)])).toThrow(/cannot take a bit field as parameter 2/);
  expect(declare([array(u8, 4)])).toThrow(/cannot take this \(array\)/);
  expect(declare(["ctx"])).toThrow(/cannot take "ctx"/);
  expect(declare([undefined])).toThrow(/cannot take this \(undefined\)/);
  expect(declare([i64])).toThrow(/cannot take i64/);
  expect(declare([], ipv6Address)).toThrow(/cannot return an IPv6 address/);
  expect(declare([], i64)).toThrow(/cannot return i64/);
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
