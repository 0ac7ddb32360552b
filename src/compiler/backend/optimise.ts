/** The passes over SSA, in order. */
import type { SsaFunction } from "../ssa/ir.ts";
import { eliminateDeadCode } from "./passes/eliminate-dead-code.ts";
import { numberValues } from "./passes/number-values.ts";
import { removeUnreachable } from "./passes/remove-unreachable.ts";
import { shareReturns } from "./passes/share-returns.ts";
import { simplifyPhis } from "./passes/simplify-phis.ts";
import { simplifyValues } from "./passes/simplify-values.ts";
import { threadJumps } from "./passes/thread-jumps.ts";

export const optimise = (fn: SsaFunction): void => {
  removeUnreachable(fn);
  simplifyPhis(fn);
  // Counts of uses, which simplification asks for, should not count what is dead.
  eliminateDeadCode(fn);
  simplifyValues(fn);
  simplifyPhis(fn);
  numberValues(fn);
  eliminateDeadCode(fn);
  threadJumps(fn);
  shareReturns(fn);
};
