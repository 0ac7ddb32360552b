/** The passes over SSA, in order. */
import type { SsaFunction } from "../ssa/ir.ts";
import { balanceTests } from "./passes/balance-tests.ts";
import { dropDeadStores } from "./passes/drop-dead-stores.ts";
import { dropKnownBounds } from "./passes/drop-known-bounds.ts";
import { dropWeakerTests } from "./passes/drop-weaker-tests.ts";
import { eliminateDeadCode } from "./passes/eliminate-dead-code.ts";
import { forwardStores } from "./passes/forward-stores.ts";
import { gatherStores } from "./passes/gather-stores.ts";
import { mergeBitTests } from "./passes/merge-bit-tests.ts";
import { mergeBounds } from "./passes/merge-bounds.ts";
import { mergeStores } from "./passes/merge-stores.ts";
import { numberValues } from "./passes/number-values.ts";
import { rebasePointers } from "./passes/rebase-pointers.ts";
import { removeUnreachable } from "./passes/remove-unreachable.ts";
import { repeatEndings } from "./passes/repeat-endings.ts";
import { reuseQuotients } from "./passes/reuse-quotients.ts";
import { shareReturns } from "./passes/share-returns.ts";
import { simplifyFlags } from "./passes/simplify-flags.ts";
import { simplifyPhis } from "./passes/simplify-phis.ts";
import { simplifyValues } from "./passes/simplify-values.ts";
import { testInverse } from "./passes/test-inverse.ts";
import { threadConditions } from "./passes/thread-conditions.ts";
import { threadJumps } from "./passes/thread-jumps.ts";
import { unlinkOffsets } from "./passes/unlink-offsets.ts";

export const passes: readonly ((fn: SsaFunction) => void)[] = [
  removeUnreachable,
  simplifyPhis,
  dropDeadStores,
  // Simplification asks how often a value is used: dead uses do not count.
  eliminateDeadCode,
  simplifyValues,
  forwardStores,
  dropDeadStores,
  // What was forwarded may be masked away again.
  eliminateDeadCode,
  simplifyValues,
  gatherStores,
  mergeStores,
  simplifyPhis,
  threadJumps,
  mergeBounds,
  dropWeakerTests,
  mergeBitTests,
  simplifyFlags,
  threadConditions,
  threadJumps,
  threadConditions,
  repeatEndings,
  // Phis have become constants.
  simplifyValues,
  numberValues,
  dropKnownBounds,
  testInverse,
  reuseQuotients,
  eliminateDeadCode,
  threadJumps,
  balanceTests,
  shareReturns,
  // Masks that change nothing: no simplification may follow.
  unlinkOffsets,
  rebasePointers,
];

export const optimise = (fn: SsaFunction): void => {
  for (const pass of passes) pass(fn);
};
