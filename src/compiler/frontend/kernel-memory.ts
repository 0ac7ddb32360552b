/** Reading the kernel's memory: by plain loads, which the kernel makes harmless, or by its own copy where those are not allowed. */
import type { Node } from "../ssa/ir.ts";
import { Helper } from "./intrinsics/helper.ts";
import { stackRegion } from "./intrinsics/stack.ts";
import { forget, loadBytes, storeBytes, type AccessSize } from "./memory.ts";
import type { Unit } from "./unit.ts";
import { missesTest } from "./views.ts";
import type { KernelValue, Region } from "./values.ts";

const kernelRegion: Region = { space: "btf", key: { name: "kernel" }, epoch: null, writable: false };

/** The farthest that an instruction reaches. */
const MAX_OFFSET = 32_767;

/** The `size` bytes at `offset` behind an object's pointer; 0 where nothing is mapped. */
export const readKernelBytes = (unit: Unit, object: KernelValue, offset: number, size: AccessSize): Node => {
  if (object.access === "probe") return probe(unit, addressOf(unit, object.pointer, offset), size);
  if (offset + size <= MAX_OFFSET) return loadBytes(unit, kernelRegion, object.pointer, offset, size);
  return loadBytes(unit, kernelRegion, addressOf(unit, object.pointer, offset), 0, size);
};

/** `pointer + offset`. */
export const addressOf = (unit: Unit, pointer: Node, offset: number): Node =>
  offset === 0 ? pointer : unit.builder.pointerAdd(pointer, unit.builder.constant(offset));

/** Copies `length` bytes of the kernel's memory to `offset` behind a pointer of the program's own. */
export const copyKernelBytes = (
  unit: Unit,
  from: KernelValue,
  length: number,
  to: { readonly region: Region; readonly pointer: Node },
  offset: number,
): void => {
  if (from.access === "probe") return probeInto(unit, addressOf(unit, from.pointer, from.offset), length, to, offset);
  for (let at = 0; at < length;) {
    const size = ([8, 4, 2, 1] as const).find((bytes) => bytes <= length - at) ?? 1;
    storeBytes(unit, to.region, to.pointer, offset + at, size, readKernelBytes(unit, from, from.offset + at, size));
    at += size;
  }
};

/** The kernel's own copy, into memory of the program's. */
const probeInto = (
  unit: Unit,
  address: Node,
  length: number,
  to: { readonly region: Region; readonly pointer: Node },
  offset: number,
): void => {
  const { builder } = unit;
  builder.call(Helper.probeReadKernel, [addressOf(unit, to.pointer, offset), builder.constant(length), address]);
  forget(unit, to.region);
};

const probe = (unit: Unit, address: Node, size: AccessSize): Node => {
  const { builder } = unit;
  const slot = unit.acquireSlot(8, "a member read from the kernel");
  const pointer = builder.slotPointer(slot);
  builder.call(Helper.probeReadKernel, [pointer, builder.constant(size), address]);
  const region = stackRegion(slot);
  forget(unit, region);
  const node = loadBytes(unit, region, pointer, 0, size);
  unit.releaseSlot(slot);
  return node;
};

/** Refuses what may be null here. */
export const requireKernelPresent = (unit: Unit, object: KernelValue): void => {
  if (object.nullable !== "maybe" || unit.presenceOf(object.pointer).present >= 0) return;
  missesTest(
    unit,
    object.pointer,
    "this pointer may be null here; keep it in a constant, and compare that with null first",
  );
};
