import { U32_MAX } from "../../ssa/range.ts";
import type { Unit } from "../unit.ts";
import { statik, type Value } from "../values.ts";

/** Bytes in the queue the packet will leave by; all ones where this kernel does not let a program look. */
export const queueBacklog = (unit: Unit): Value => {
  void unit;
  return statik(Number(U32_MAX));
};
