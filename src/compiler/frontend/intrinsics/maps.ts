/** Maps and ring buffers. */
import { fetchAdd } from "../../../kernel/helpers.ts";
import { ArrayMap, HashMap, LpmTrie, RingBuffer, type Element, type MapDescriptor } from "../../../kernel/maps.ts";
import { struct, type Layout } from "../../../wire/layout.ts";
import type { Node, StackSlot } from "../../ssa/ir.ts";
import { fieldOf, loadedInteger, writeStruct, zeroHoles } from "../fields.ts";
import { asNode } from "../integers.ts";
import { forget } from "../memory.ts";
import { isStatic, undefinedValue, type ObjectValue, type Region, type Value, type ViewValue } from "../values.ts";
import { finishRecord, openRecord, requireUnfinished } from "../records.ts";
import { requirePresent } from "../views.ts";
import { Helper, succeeded } from "./helper.ts";
import {
  argument,
  kernelCall,
  staticArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { layoutArgument } from "./packet.ts";
import { stackRegion } from "./stack.ts";

const mapOf = (call: IntrinsicCall): MapDescriptor => {
  const map = isStatic(call.receiver) ? call.receiver.value : undefined;
  if (typeof map !== "object" || map === null || !("kind" in map) || map.kind !== "map")
    return call.unit.refuse("HM1004", "the map must be known while compiling", call.node);
  call.unit.maps.add(map as MapDescriptor);
  return map as MapDescriptor;
};

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

const reserve = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const map = mapOf(call);
  const layout = layoutArgument(call, 0);
  unit.recordLayouts.set(map, (unit.recordLayouts.get(map) ?? new Set()).add(layout));
  const pointer = builder.call(Helper.ringReserve, [
    builder.mapPointer(map),
    builder.constant(layout.size),
    builder.constant(0),
  ]);
  // Each reservation is memory of its own.
  const region: Region = { space: "ring", key: pointer, epoch: null, writable: true };
  openRecord(unit, region, map as RingBuffer, pointer);
  return { kind: "view", layout, region, pointer, offset: 0, nullable: "zero" };
};

const recordOf = (call: IntrinsicCall): ViewValue => {
  const record = argument(call, 0, "the record");
  if (record.kind !== "view" || record.region.space !== "ring")
    return wrongArgument(call, 0, "a record that reserve() gave");
  requireUnfinished(call.unit, record.region);
  requirePresent(call.unit, record);
  return record;
};

const finish =
  (helper: number, show: boolean) =>
  (call: IntrinsicCall): Value => {
    mapOf(call);
    const record = recordOf(call);
    // Holes would show user space what an older record left there.
    if (show) zeroHoles(call.unit, record, true);
    finishRecord(call.unit, record.region);
    call.unit.builder.call(helper, [record.pointer, call.unit.builder.constant(0)]);
    forget(call.unit, record.region);
    return undefinedValue;
  };

const add = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const view = argument(call, 0, "a view");
  if (view.kind !== "view") return wrongArgument(call, 0, "a view");
  requirePresent(unit, view);
  const field = fieldOf(unit, view.layout, String(staticArgument(call, 1, "the field")));
  const { type } = field;
  if (type.kind !== "integer" || type.order !== "little" || (type.bits !== 32 && type.bits !== 64)) {
    return unit.refuse("HM1007", `${field.name} is not a native field of 4 or 8 bytes`, call.node);
  }
  const wide = type.bits === 64;
  const operand = asNode(unit, argument(call, 2, "the operand"), wide ? "bigint" : "number", field.name, type.bits);
  forget(unit, view.region);
  const node = unit.builder.atomic(
    "fetch_add",
    view.pointer,
    view.offset + field.bitOffset / 8,
    wide ? 8 : 4,
    [operand],
    view.region.space,
  );
  return loadedInteger(unit, type, node);
};

export const mapIntrinsics: readonly IntrinsicEntry[] = [
  ...[HashMap, ArrayMap, LpmTrie].map((type) => kernelCall(type.prototype.lookup, lookup)),
  kernelCall(HashMap.prototype.update, update),
  kernelCall(HashMap.prototype.delete, remove),
  kernelCall(RingBuffer.prototype.reserve, reserve),
  kernelCall(RingBuffer.prototype.submit, finish(Helper.ringSubmit, true)),
  kernelCall(RingBuffer.prototype.discard, finish(Helper.ringDiscard, false)),
  kernelCall(fetchAdd, add),
];
