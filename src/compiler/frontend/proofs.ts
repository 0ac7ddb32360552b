/**
 * Bounds made visible to the verifier. What the language's ranges prove, the verifier may not see: it knows nothing of a
 * quotient or remainder, and forgets how far the packet reaches behind a pointer that a run-time offset was added to.
 * The tests added here are never true.
 */
import type { Node, Condition } from "../ssa/ir.ts";
import { fillBits } from "../ssa/range.ts";
import { Label, bind, branch, jump } from "./flow.ts";
import { destroyIterator } from "./number-iterator.ts";
import { openRecords, type RecordState } from "./records.ts";
import { Helper } from "./intrinsics/helper.ts";
import type { Unit } from "./unit.ts";
import type { IntegerValue, Region, Test, ViewValue } from "./values.ts";

/** The register of an integer that lies in `least..most` (neither negative), with those bounds proved to the verifier. */
export const provable = (unit: Unit, value: IntegerValue, least: bigint, most: bigint): Node => {
  const { builder } = unit;
  const known = builder.range(value.node);
  if (known.low >= least && known.high <= most) return value.node;
  const mask = fillBits(value.high);
  if (least === 0n && mask <= most) return builder.binary("and", value.node, builder.constant(mask));
  bound(unit, value, least, most);
  return value.node;
};

/** The same, of the register itself and for all that follows. */
export const bound = (unit: Unit, value: IntegerValue, least: bigint, most: bigint): void => {
  const { builder } = unit;
  const known = builder.range(value.node);
  if (known.low >= least && known.high <= most) return;
  const outside = (condition: Condition, bound: bigint, low: bigint, high: bigint): void =>
    never(unit, {
      condition,
      left: value.node,
      right: builder.constant(bound),
      width: 64,
      whenTrue: [],
      whenFalse: [{ kind: "range", node: value.node, low, high, known: { low, high } }],
    });
  // Unsigned: what may be negative to the verifier is then past `most`.
  outside("gt", most, 0n, most);
  if (least > 0n) outside("lt", least, least, most);
};

/**
 * A view behind a pointer that a run-time number of bytes is added to. `stride` divides that number; `reach` is how far
 * behind the new pointer the view is used.
 */
export const movedView = (unit: Unit, view: ViewValue, bytes: Node, stride: number, reach: number): ViewValue => {
  const pointer = unit.builder.pointerAdd(view.pointer, bytes);
  provePresent(unit, view.region, pointer, reach);
  const alignment = Math.min(stride & -stride, view.region.alignment ?? 8);
  return { ...view, region: { ...view.region, alignment }, pointer };
};

/** Proves that the packet has `bytes` behind `pointer`, which points into the part of it that a view showed to be there. */
const provePresent = (unit: Unit, region: Region, pointer: Node, bytes: number): void => {
  if (region.epoch === null || unit.presenceOf(pointer).present >= bytes) return;
  never(unit, {
    condition: "gt",
    left: unit.builder.pointerAdd(pointer, unit.builder.constant(bytes)),
    right: region.epoch.end,
    width: 64,
    whenTrue: [],
    whenFalse: [{ kind: "present", pointer, bytes }],
  });
};

/** A test that is false; the verifier sees the program end where it is true. */
const never = (unit: Unit, test: Test): void => {
  const [taken, otherwise] = [new Label(unit), new Label(unit)];
  branch(unit, test, taken, otherwise);
  bind(unit, taken);
  for (const record of openRecords(unit)) discard(unit, record);
  for (const iterator of unit.iterators) destroyIterator(unit, iterator);
  unit.builder.return(unit.builder.constant(0));
  bind(unit, otherwise);
};

const discard = (unit: Unit, { pointer }: RecordState): void => {
  const { builder } = unit;
  const zero = builder.constant(0);
  const give = (): Node => builder.call(Helper.ringDiscard, [pointer, zero]);
  if (unit.presenceOf(pointer).present >= 0) return void give();
  const [absent, present] = [new Label(unit), new Label(unit)];
  branch(
    unit,
    { condition: "eq", left: pointer, right: zero, width: 64, whenTrue: [], whenFalse: [] },
    absent,
    present,
  );
  bind(unit, present);
  give();
  jump(unit, absent);
  bind(unit, absent);
};
