/** Tests as values in registers. */
import type { Node } from "../ssa/ir.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, type Test, type Value } from "./values.ts";

/** `test ? whenTrue : whenFalse` as a value, at the end of the current block. */
export const select = (unit: Unit, test: Test, whenTrue: Node, whenFalse: Node): Node => {
  const { builder } = unit;
  const [taken, otherwise, meeting] = [builder.newBlock(), builder.newBlock(), builder.newBlock()];
  builder.branch(test.condition, test.left, test.right, test.width, taken, otherwise);
  builder.block = taken;
  builder.jump(meeting);
  builder.block = otherwise;
  builder.jump(meeting);
  builder.block = meeting;
  const low = whenTrue.low < whenFalse.low ? whenTrue.low : whenFalse.low;
  const high = whenTrue.high > whenFalse.high ? whenTrue.high : whenFalse.high;
  return builder.phi([whenTrue, whenFalse], low, high);
};

/** A boolean as 0 or 1 in a register. */
export const materialise = (unit: Unit, value: Value): Node => {
  const { builder } = unit;
  if (isStatic(value)) return builder.constant(value.value === true ? 1 : 0);
  if (value.kind !== "boolean") throw new Error(`not a boolean: ${describe(value)}`);
  return select(unit, value.test, builder.constant(1), builder.constant(0));
};

/** `Number(test)`. */
export const numberOf = (unit: Unit, value: Value): Value => ({
  kind: "integer",
  type: "number",
  node: materialise(unit, value),
  low: 0n,
  high: 1n,
  wrapped: false,
});

/** The boolean that a 0 or 1 stands for. */
export const booleanOf = (unit: Unit, node: Node): Value => ({
  kind: "boolean",
  test: { condition: "ne", left: node, right: unit.builder.constant(0), width: 64, whenTrue: [], whenFalse: [] },
});
