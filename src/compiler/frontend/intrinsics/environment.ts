/** Clock, CPU and random numbers: the kernel's, or a test's table. */
import { cpuId, monotonicNs, randomU32, taiNs } from "../../../kernel/helpers.ts";
import type { Layout } from "../../../wire/layout.ts";
import { U32_MAX, U64_MAX } from "../../ssa/range.ts";
import type { Unit } from "../unit.ts";
import type { IntegerValue, Region, ViewValue } from "../values.ts";
import { Helper } from "./helper.ts";
import { kernelCall, type IntrinsicEntry } from "./intrinsic.ts";

/** The field of the test's environment map, or null in a real build. */
export const fromEnvironment = (unit: Unit, name: string): IntegerValue | null => {
  const map = unit.options.environment;
  if (map === undefined) return null;
  unit.maps.add(map);
  const { offset, size } = unit.environmentField(name);
  const node = unit.builder.load(unit.builder.mapValuePointer(map), offset, size, "map");
  return {
    kind: "integer",
    type: size === 8 ? "bigint" : "number",
    node,
    low: 0n,
    high: size === 8 ? U64_MAX : U32_MAX,
    wrapped: false,
  };
};

/** A struct in the test's environment map, or null in a real build. */
export const environmentView = (unit: Unit, name: string, layout: Layout): ViewValue | null => {
  const map = unit.options.environment;
  if (map === undefined) return null;
  unit.maps.add(map);
  const { offset } = unit.environmentField(name);
  const region: Region = { space: "map", key: map, epoch: null, writable: false };
  return { kind: "view", layout, region, pointer: unit.builder.mapValuePointer(map), offset, nullable: null };
};

const clock = (fn: unknown, name: string, helper: number): IntrinsicEntry =>
  kernelCall(
    fn,
    ({ unit }) =>
      fromEnvironment(unit, name) ?? {
        kind: "integer",
        type: "bigint",
        node: unit.builder.call(helper, []),
        low: 0n,
        high: U64_MAX,
        wrapped: false,
      },
  );

const small = (fn: unknown, name: string, helper: number): IntrinsicEntry =>
  kernelCall(fn, ({ unit }) => {
    const table = fromEnvironment(unit, name);
    if (table !== null) return table;
    const node = unit.builder.zeroExtend(unit.builder.call(helper, []), 32);
    return { kind: "integer", type: "number", node, low: 0n, high: U32_MAX, wrapped: false };
  });

export const environmentIntrinsics: readonly IntrinsicEntry[] = [
  clock(monotonicNs, "monotonicNs", Helper.monotonicNs),
  clock(taiNs, "taiNs", Helper.taiNs),
  small(cpuId, "cpu", Helper.cpuId),
  small(randomU32, "random", Helper.randomU32),
];
