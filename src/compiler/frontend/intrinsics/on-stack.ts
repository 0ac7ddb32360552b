import type { Element } from "../../../kernel/maps.ts";
import { struct, type Layout } from "../../../wire/layout.ts";
import type { Node, StackSlot } from "../../ssa/ir.ts";
import { writeStruct } from "../fields.ts";
import { addressOf } from "../kernel-memory.ts";
import type { Unit } from "../unit.ts";
import type { ObjectValue, Value } from "../values.ts";
import { requirePresent } from "../views.ts";
import { stackRegion } from "./stack.ts";

const scalarLayouts = new WeakMap<object, Layout>();

const layoutOf = (element: Element): Layout => {
  if (element.kind === "layout") return element;
  let layout = scalarLayouts.get(element);
  if (layout === undefined) scalarLayouts.set(element, (layout = struct("key", { value: element })));
  return layout;
};

/** A value for a helper that copies it: where it lies in a map, or on the stack, which has room for small ones only. */
export const elementInMemory = (
  unit: Unit,
  element: Element,
  value: Value,
): { slot: StackSlot | null; pointer: Node } => {
  if (value.kind !== "view" || value.layout !== element || value.region.space !== "map")
    return elementOnStack(unit, element, value);
  requirePresent(unit, value);
  return { slot: null, pointer: addressOf(unit, value.pointer, value.offset) };
};

/** Writes a key or value to the stack for a helper. */
export const elementOnStack = (unit: Unit, element: Element, value: Value): { slot: StackSlot; pointer: Node } => {
  const layout = layoutOf(element);
  const slot = unit.acquireSlot(layout.size);
  const pointer = unit.builder.slotPointer(slot);
  const scalar: ObjectValue = { kind: "object", fields: new Map([["value", value]]) };
  writeStruct(
    unit,
    { kind: "view", layout, region: stackRegion(slot), pointer, offset: 0, nullable: null },
    element.kind === "layout" ? value : scalar,
  );
  return { slot, pointer };
};
