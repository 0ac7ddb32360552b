import { load } from "../../bpf/instance.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { HopmarkError } from "../../errors.ts";
import { isVerifierError } from "../framework/error-details.ts";

/** What the kernel's verifier made of a program. */
export interface VerifierCost {
  /** Instructions it walked, each as often as it did; null when it did not take the program, or was not asked. */
  readonly processed: number | null;
  /** Why there is no figure. */
  readonly note: string | null;
  /** Its refusal. */
  readonly refusal: HopmarkError | null;
}

/** Loads the program, looks, and gives it back. Who may not load programs gets a note. */
export const askVerifier = (program: CompiledProgram): VerifierCost => {
  try {
    const loaded = load(program);
    try {
      return { processed: loaded.info().verifiedInstructions, note: null, refusal: null };
    } finally {
      loaded.close();
    }
  } catch (error) {
    if (!(error instanceof HopmarkError)) throw error;
    if (isVerifierError(error)) return { processed: null, note: "it refuses the program", refusal: error };
    return { processed: null, note: `it was not asked: ${error.message}`, refusal: null };
  }
};
