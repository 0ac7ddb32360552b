import type { StackSlot } from "../../ssa/ir.ts";
import type { Region } from "../values.ts";

const regions = new WeakMap<StackSlot, Region>();

/** Each slot is memory of its own. */
export const stackRegion = (slot: StackSlot): Region => {
  let region = regions.get(slot);
  if (region === undefined) regions.set(slot, (region = { space: "stack", key: slot, epoch: null, writable: true }));
  return region;
};
