import { load } from "../../bpf/instance.ts";
import { readStatistics, readSteps, type VerifierStatistics } from "../../bpf/verifier/statistics.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { HopmarkError } from "../../errors.ts";
import { isVerifierError } from "../framework/error-details.ts";

/** What the kernel's verifier made of a program. */
export interface VerifierCost {
  /** Instructions it walked, each as often as it did; null when it did not take the program, or was not asked. */
  readonly processed: number | null;
  /** The rest of what it says; null when it says nothing. */
  readonly statistics: VerifierStatistics | null;
  /** How often it walked each instruction (8-byte slot); null when that is not known. */
  readonly steps: ReadonlyMap<number, number> | null;
  /** Why there is no figure. */
  readonly note: string | null;
  /** Its refusal. */
  readonly refusal: HopmarkError | null;
}

/** Its log of more steps than these is too long to be read for a table. */
const MOST_STEPS = 100_000;

const unknown = { processed: null, statistics: null, steps: null, refusal: null };

/** Loads the program, without those that it may go on as, looks, and gives it back. Who may not load programs gets a note. */
export const askVerifier = ({ tails: _, ...program }: CompiledProgram): VerifierCost => {
  try {
    const loaded = load(program);
    const processed = loaded.info().verifiedInstructions;
    loaded.close();
    const log = logOf(program, processed <= MOST_STEPS ? "steps" : "statistics");
    const steps = processed <= MOST_STEPS ? readSteps(log) : null;
    return { processed, statistics: readStatistics(log) ?? null, steps, note: null, refusal: null };
  } catch (error) {
    if (!(error instanceof HopmarkError)) throw error;
    if (isVerifierError(error)) return { ...unknown, note: "it refuses the program", refusal: error };
    return { ...unknown, note: `it was not asked: ${error.message}` };
  }
};

const logOf = (program: CompiledProgram, detail: "statistics" | "steps"): string => {
  let log = "";
  load(program, { verifierLog: { detail, take: (text) => (log = text) } }).close();
  return log;
};
