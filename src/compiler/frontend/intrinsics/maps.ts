/** Maps of keys and values. */
import { ArrayMap, HashMap, LpmTrie } from "../../../kernel/maps.ts";
import type { Layout } from "../../../wire/layout.ts";
import { innerValues } from "../inner-maps.ts";
import { asNode } from "../integers.ts";
import type { Region, Value } from "../values.ts";
import { Helper, succeeded } from "./helper.ts";
import { kernelCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";
import { mapAddress, mapOf } from "./map-receiver.ts";
import { keyOnStack, valueInMemory } from "./on-stack.ts";

const lookup = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const map = mapOf(call);
  const key = keyOnStack(call, map);
  const pointer = unit.builder.call(Helper.mapLookup, [mapAddress(call, map), key.pointer]);
  unit.releaseSlot(key.slot);
  const region: Region =
    call.receiver.kind === "view" ? innerValues : { space: "map", key: map, epoch: null, writable: true };
  return { kind: "view", layout: map.valueLayout as Layout, region, pointer, offset: 0, nullable: "zero" };
};

const update = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const map = mapOf(call);
  const key = keyOnStack(call, map);
  const value = valueInMemory(call, map);
  const flags = call.args[2] === undefined ? builder.constant(0) : asNode(unit, call.args[2], "number", "flags", 64);
  const result = builder.call(Helper.mapUpdate, [mapAddress(call, map), key.pointer, value.pointer, flags]);
  unit.releaseSlot(key.slot);
  if (value.slot !== null) unit.releaseSlot(value.slot);
  return succeeded(unit, result);
};

const remove = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const map = mapOf(call);
  const key = keyOnStack(call, map);
  const result = unit.builder.call(Helper.mapDelete, [mapAddress(call, map), key.pointer]);
  unit.releaseSlot(key.slot);
  return succeeded(unit, result);
};

export const mapIntrinsics: readonly IntrinsicEntry[] = [
  ...[HashMap, ArrayMap, LpmTrie].map((type) => kernelCall(type.prototype.lookup, lookup)),
  kernelCall(HashMap.prototype.update, update),
  kernelCall(HashMap.prototype.delete, remove),
];
