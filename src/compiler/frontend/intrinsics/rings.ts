/** Ring buffers: records reserved and finished, and bytes copied out. */
import { MapOfMaps } from "../../../kernel/map-of-maps.ts";
import { RingBuffer, type MapDescriptor } from "../../../kernel/maps.ts";
import type { Layout } from "../../../wire/layout.ts";
import type { Space, StackSlot } from "../../ssa/ir.ts";
import { writeStruct, zeroHoles } from "../fields.ts";
import { innerMapOf } from "../inner-maps.ts";
import { proofAdvice } from "../fresh-reads.ts";
import { forget } from "../memory.ts";
import { provable } from "../proofs.ts";
import { finishRecord, openRecord, requireUnfinished } from "../records.ts";
import type { Unit } from "../unit.ts";
import { undefinedValue, type Region, type Value, type ViewValue } from "../values.ts";
import { requirePresent } from "../views.ts";
import { Helper, succeeded } from "./helper.ts";
import {
  argument,
  kernelCall,
  numberArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { mapAddress, mapOf } from "./map-receiver.ts";
import { layoutArgument } from "./packet.ts";
import { stackRegion } from "./stack.ts";

/** For whoever reads the ring: what its records may be. */
const noteRecord = (unit: Unit, ring: MapDescriptor, layout: Layout, mayBeShorter: boolean): void => {
  for (const own of [ring, ...ringsLike(unit, ring)]) {
    const layouts = unit.recordLayouts.get(own) ?? new Map<Layout, boolean>();
    layouts.set(layout, mayBeShorter || layouts.get(layout) === true);
    unit.recordLayouts.set(own, layouts);
  }
};

/** Those that are in maps of which this one is the pattern. */
const ringsLike = (unit: Unit, pattern: MapDescriptor): MapDescriptor[] =>
  [...unit.maps].flatMap((map) => (map instanceof MapOfMaps && map.inner === pattern ? [...map.maps.values()] : []));

const reserve = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const map = mapOf(call);
  const layout = layoutArgument(call, 0);
  noteRecord(unit, map, layout, false);
  const pointer = builder.call(Helper.ringReserve, [
    mapAddress(call, map),
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
    return wrongArgument(call, 0, "a record", "pass what this ring's reserve(layout) gave");
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

const output = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const map = mapOf(call);
  const view = argument(call, 0, "a view");
  if (view.kind !== "view")
    return wrongArgument(
      call,
      0,
      "a view",
      "pass a map's value, a header of the packet or a copy, or fill what reserve(layout) gives",
    );
  requirePresent(unit, view);
  const { layout, region } = view;
  if (innerMapOf(view) !== undefined)
    return unit.refuse(
      "HM1007",
      `map ${view.layout.name} has no bytes to put out; look one of its values up, and put that out`,
    );
  if (region.space === "ring")
    return unit.refuse(
      "HM1007",
      "a record that reserve() gave is in the ring already; hand it over with submit(record)",
    );
  const length = numberArgument(call, 1, "the length");
  if (length.low < 0n || length.high > BigInt(layout.size)) {
    return unit.refuse(
      "HM1204",
      `the length must be proven to lie in 0..${layout.size}, it is in ${length.low}..${length.high}; ${proofAdvice(unit, length, "test it first")}`,
    );
  }
  noteRecord(unit, map, layout, length.low < BigInt(layout.size));
  const bytes = provable(unit, length, 0n, BigInt(layout.size));
  const [source, slot] = isMemory[region.space] ? [view, null] : copyOnStack(unit, view);
  const { pointer, offset } = source;
  const start = offset === 0 ? pointer : builder.pointerAdd(pointer, builder.constant(offset));
  const result = builder.call(Helper.ringOutput, [mapAddress(call, map), start, bytes, builder.constant(0)]);
  if (slot !== null) unit.releaseSlot(slot);
  return succeeded(unit, result);
};

/** What the helper takes pointers into: memory of the program's own, no packets and no objects of the kernel. */
const isMemory: Readonly<Record<Space, boolean>> = {
  map: true,
  ring: true,
  stack: true,
  packet: false,
  context: false,
  btf: false,
};

const copyOnStack = (unit: Unit, view: ViewValue): [ViewValue, StackSlot] => {
  const slot = unit.acquireSlot(view.layout.size, `a ${view.layout.name} to send`);
  const pointer = unit.builder.slotPointer(slot);
  const copy: ViewValue = { ...view, region: stackRegion(slot), pointer, offset: 0, nullable: null };
  writeStruct(unit, copy, view);
  return [copy, slot];
};

export const ringIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(RingBuffer.prototype.reserve, reserve),
  kernelCall(RingBuffer.prototype.submit, finish(Helper.ringSubmit, true)),
  kernelCall(RingBuffer.prototype.discard, finish(Helper.ringDiscard, false)),
  kernelCall(RingBuffer.prototype.output, output),
];
