import { HopmarkError, PermissionError } from "../../errors.ts";

/** What the kernel said when asked; never what its version promises. */
export interface Answer {
  readonly answer: "yes" | "no" | "unknown";
  /** One sentence: what was tried and what came of it. */
  readonly why: string;
}

export const yes = (why: string): Answer => ({ answer: "yes", why });
export const no = (why: string): Answer => ({ answer: "no", why });
export const unknown = (why: string): Answer => ({ answer: "unknown", why });

/** Runs a probe; when it throws, the answer is that we could not tell, and why. */
export const ask = (probe: () => Answer): Answer => {
  try {
    return probe();
  } catch (error) {
    if (error instanceof PermissionError) return unknown(error.message);
    if (error instanceof HopmarkError) return unknown(`could not be tried: ${error.message}`);
    throw error;
  }
};
