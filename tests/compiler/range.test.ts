/** Loops over `range()`: the same in the kernel and in V8, whatever way leads out of them. */
import { expect, test } from "vitest";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { KernelTypes } from "../../src/compiler/kernel-types.ts";
import type { Program } from "../../src/kernel/program.ts";
import { agreeOn } from "./agree.ts";
import {
  cells,
  counters,
  excess,
  functions,
  marks,
  nested,
  offsets,
  plainRounds,
  records,
  rounds,
  rows,
  sums,
} from "./programs/range.bpf.ts";

const frame = (...bytes: number[]): string => Buffer.from([...bytes, ...Array(60).fill(7)]).toString("hex");
const behindEthernet = (...bytes: number[]): string => frame(...Array<number>(14).fill(0), ...bytes);

const verdicts = ({ runs }: ReturnType<typeof agreeOn>): number[] => runs.map(({ verdict }) => verdict);

test("a carried number and boolean, break and return", () => {
  const packets = [
    [0, 10, 200],
    [0, 9, 200],
    [3, 3, 0],
    [9, 2, 0],
    [0, 255, 40],
    [70, 255, 0],
    [0, 100, 77],
  ];
  const outcome = agreeOn(
    sums,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
  );
  expect(verdicts(outcome)).toEqual([45, 100_036, 0, 0, 780, 77, 2926 + 100_000]);
});

test("carried and compared numbers become offsets", () => {
  const packets = [
    [0, 64, 0, 1],
    [0, 10, 0, 2],
    [0, 5, 0, 9],
    [0, 255, 0, 200],
    [0, 30, 0, 70],
    [0, 0, 0, 0],
  ];
  agreeOn(
    offsets,
    packets.map((bytes) => ({ packet: behindEthernet(...bytes) })),
  );
});

test("nested ranges, and jumps out of both", () => {
  const packets = [
    [0, 10, 50],
    [128, 20, 5],
    [130, 100, 200],
    [135, 12, 250],
    [120, 121, 0],
    [0, 0, 0],
  ];
  agreeOn(
    nested,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
  );
});

test("a carried number becomes an index", () => {
  const packets = [
    [0, 20, 0, 1],
    [15, 255, 0, 7],
    [200, 3, 0, 255],
  ];
  agreeOn(
    cells,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
    [rows],
  );
});

test("a ring record in each round", () => {
  const packets = [
    [0, 5, 100],
    [0, 250, 255],
    [10, 20, 15],
  ];
  const outcome = agreeOn(
    records,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
    [],
    [marks],
  );
  expect(outcome.runs.map((run) => run.records.length)).toEqual([5, 250, 5]);
});

test("a range of too many numbers has no rounds", () => {
  const marked = [5, 3000, 1 << 23, (1 << 23) + 1, 0x7fff_ffff];
  const outcome = agreeOn(
    excess,
    marked.map((mark) => ({ packet: frame(1), mark })),
  );
  expect(verdicts(outcome)).toEqual([7, 505, 505, 5, 5]);
});

test("ranges in functions, and short ones", () => {
  const packets = [
    [0, 50, 30],
    [5, 6, 30],
    [0, 255, 255],
  ];
  agreeOn(
    functions,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
  );
  const names = compile(functions).code.relocations.flatMap((each) => (each.kind === "kfunc" ? [each.name] : []));
  expect(names.filter((name) => name === "bpf_iter_num_new")).toHaveLength(2);
});

test("counters that a range bounds", () => {
  const packets = [
    [0, 200, 30, 9],
    [9, 255, 100, 255],
    [0, 10, 200, 1],
  ];
  const outcome = agreeOn(
    counters,
    packets.map((bytes) => ({ packet: frame(...bytes) })),
  );
  expect(verdicts(outcome)[2]).toBe(10 + (1000 + 9 * 2) * 1000 + (5 + 9 * 3) * 3);
});

test("the verifier looks at a range once, whatever its bounds, and at a plain loop in every round", () => {
  const cost = (program: Program): number => {
    using loaded = load(compile(program));
    return loaded.info().verifiedInstructions;
  };
  const [ranged, plain] = [cost(rounds), cost(plainRounds)];
  expect(ranged).toBeLessThan(200);
  expect(plain).toBeGreaterThan(100 * ranged);
});

test("a kernel without number iterators is named as what lacks", () => {
  const kernel = kernelBtf();
  const old: KernelTypes = {
    field: (struct, path) => kernel.field(struct, path),
    bitField: (struct, path) => kernel.bitField(struct, path),
    size: (struct) => kernel.size(struct),
    shape: (type) => kernel.shape(type),
    names: (kind) => kernel.names(kind),
    typeId: (kind, name) => (name.startsWith("bpf_iter_num") ? undefined : kernel.typeId(kind, name)),
  };
  expect(() => load(compile(sums), { types: old })).toThrow(/range\.bpf\.ts:\d+:\d+: HM1601: .*bpf_iter_num_new/);
});
