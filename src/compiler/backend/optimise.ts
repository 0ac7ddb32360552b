/** The passes over SSA, in order. */
import type { SsaFunction } from "../ssa/ir.ts";
import { eliminateDeadCode } from "./passes/eliminate-dead-code.ts";
import { removeUnreachable } from "./passes/remove-unreachable.ts";

export const optimise = (fn: SsaFunction): void => {
  removeUnreachable(fn);
  eliminateDeadCode(fn);
};
