/** Maps of keys and values. */
import { ArrayMap, HashMap, LpmTrie, type Element } from "../../../kernel/maps.ts";
import { struct, type Layout } from "../../../wire/layout.ts";
import type { Node, StackSlot } from "../../ssa/ir.ts";
import { writeStruct } from "../fields.ts";
import { asNode } from "../integers.ts";
import type { ObjectValue, Value } from "../values.ts";
import { Helper, succeeded } from "./helper.ts";
import { argument, kernelCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";
import { mapOf } from "./map-receiver.ts";
import { stackRegion } from "./stack.ts";

const scalarLayouts = new WeakMap<object, Layout>();

const layoutOf = (element: Element): Layout => {
  if (element.kind === "layout") return element;
  let layout = scalarLayouts.get(element);
  if (layout === undefined) scalarLayouts.set(element, (layout = struct("key", { value: element })));
  return layout;
};

/** Writes a key or value to the stack for a helper. */
const onStack = (call: IntrinsicCall, element: Element, value: Value): { slot: StackSlot; pointer: Node } => {
  const { unit } = call;
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

const lookup = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const map = mapOf(call);
  const key = onStack(call, map.keyElement as Element, argument(call, 0, "the key"));
  const pointer = unit.builder.call(Helper.mapLookup, [unit.builder.mapPointer(map), key.pointer]);
  unit.releaseSlot(key.slot);
  const region = { space: "map", key: map, epoch: null, writable: true } as const;
  return { kind: "view", layout: map.valueLayout as Layout, region, pointer, offset: 0, nullable: "zero" };
};

const update = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const map = mapOf(call);
  const key = onStack(call, map.keyElement as Element, argument(call, 0, "the key"));
  const value = onStack(call, map.valueLayout as Layout, argument(call, 1, "the value"));
  const flags = call.args[2] === undefined ? builder.constant(0) : asNode(unit, call.args[2], "number", "flags", 64);
  const result = builder.call(Helper.mapUpdate, [builder.mapPointer(map), key.pointer, value.pointer, flags]);
  unit.releaseSlot(key.slot);
  unit.releaseSlot(value.slot);
  return succeeded(unit, result);
};

const remove = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const map = mapOf(call);
  const key = onStack(call, map.keyElement as Element, argument(call, 0, "the key"));
  const result = unit.builder.call(Helper.mapDelete, [unit.builder.mapPointer(map), key.pointer]);
  unit.releaseSlot(key.slot);
  return succeeded(unit, result);
};

export const mapIntrinsics: readonly IntrinsicEntry[] = [
  ...[HashMap, ArrayMap, LpmTrie].map((type) => kernelCall(type.prototype.lookup, lookup)),
  kernelCall(HashMap.prototype.update, update),
  kernelCall(HashMap.prototype.delete, remove),
];
