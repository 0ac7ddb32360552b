/** A right program, run in the kernel and in V8: both must agree, and the test says what on. */
import type { MapDescriptor, RingBuffer } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";
import { inputOf, type CaseRun } from "../fuzz/case.ts";
import { judge } from "../fuzz/judge.ts";
import type { Outcome } from "../fuzz/outcome.ts";
import { onOneCpu } from "../fuzz/pin-cpu.ts";

export type Run = Omit<CaseRun, "expected">;

/** Runs the program on each packet in turn. Throws when it is refused, or when the kernel and V8 differ. */
export const agreeOn = (
  program: Program,
  runs: readonly Run[],
  maps: readonly MapDescriptor[] = [],
  rings: readonly RingBuffer[] = [],
): Outcome & { readonly instructions: number } => {
  const inputs = runs.map((run) => inputOf({ ...run, expected: { verdict: 0 } }));
  const verdict = onOneCpu((cpu) => judge({ program, maps, rings }, inputs, cpu, null));
  if (verdict.kind !== "agree") throw new Error(JSON.stringify(verdict, undefined, 2));
  return { ...verdict.outcome, instructions: verdict.instructions };
};
