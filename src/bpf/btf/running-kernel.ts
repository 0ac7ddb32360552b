import type { KernelTypes } from "../../compiler/kernel-types.ts";
import { mayCall } from "../features/helpers.ts";
import { kernelBtf } from "./kernel-btf.ts";

/** The running kernel's types, read when a program asks: most do not. */
export const runningKernel: KernelTypes = {
  field: (struct, path) => kernelBtf().field(struct, path),
  bitField: (struct, path) => kernelBtf().bitField(struct, path),
  size: (struct) => kernelBtf().size(struct),
  typeId: (kind, name) => kernelBtf().typeId(kind, name),
  shape: (type) => kernelBtf().shape(type),
  hasHelper: (type, helper) => mayCall(type, helper),
  names: (kind) => kernelBtf().names(kind),
};
