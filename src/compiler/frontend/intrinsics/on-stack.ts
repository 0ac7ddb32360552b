import type { Element, MapDescriptor } from "../../../kernel/maps.ts";
import { struct, type Layout } from "../../../wire/layout.ts";
import type { Node, StackSlot } from "../../ssa/ir.ts";
import { writeStruct } from "../fields.ts";
import { addressOf } from "../kernel-memory.ts";
import type { Unit } from "../unit.ts";
import type { ObjectValue, Value } from "../values.ts";
import { requirePresent } from "../views.ts";
import { argument, type IntrinsicCall } from "./intrinsic.ts";
import { stackRegion } from "./stack.ts";

const scalarLayouts = new WeakMap<object, Layout>();

const layoutOf = (element: Element): Layout => {
  if (element.kind === "layout") return element;
  let layout = scalarLayouts.get(element);
  if (layout === undefined) scalarLayouts.set(element, (layout = struct("key", { value: element })));
  return layout;
};

/** The first argument of a call, the key, written to the stack for a helper. */
export const keyOnStack = (call: IntrinsicCall, map: MapDescriptor): { slot: StackSlot; pointer: Node } =>
  elementOnStack(call.unit, map.keyElement as Element, argument(call, 0, "the key"), `the key of ${nameOf(call, map)}`);

/** The second, the value, for a helper that copies it: where it lies in a map, or on the stack, which has room for small ones only. */
export const valueInMemory = (call: IntrinsicCall, map: MapDescriptor): { slot: StackSlot | null; pointer: Node } => {
  const { unit } = call;
  const layout = map.valueLayout as Layout;
  const value = argument(call, 1, "the value");
  if (value.kind !== "view" || value.layout !== layout || value.region.space !== "map")
    return elementOnStack(unit, layout, value, `the value of ${nameOf(call, map)}`);
  requirePresent(unit, value);
  return { slot: null, pointer: addressOf(unit, value.pointer, value.offset) };
};

/** The map as the call names it: `flows` of `flows.lookup(key)`. */
const nameOf = ({ unit, receiver, node }: IntrinsicCall, { name }: MapDescriptor): string => {
  const written = /^[\w$.]+(?=\.[\w$]+\()/.exec(unit.module.text.slice(node.start, node.end));
  return receiver.kind === "view" ? name : (written?.[0] ?? name);
};

const elementOnStack = (
  unit: Unit,
  element: Element,
  value: Value,
  what: string,
): { slot: StackSlot; pointer: Node } => {
  const layout = layoutOf(element);
  const slot = unit.acquireSlot(layout.size, what);
  const pointer = unit.builder.slotPointer(slot);
  const scalar: ObjectValue = { kind: "object", fields: new Map([["value", value]]) };
  writeStruct(
    unit,
    { kind: "view", layout, region: stackRegion(slot), pointer, offset: 0, nullable: null },
    element.kind === "layout" ? value : scalar,
  );
  return { slot, pointer };
};
