import { UnsupportedError } from "../../errors.ts";
import { isVerifierError } from "../framework/error-details.ts";
import { toJsonText, type Output } from "../framework/output.ts";

/** Hands a kernel's refusal on; with `show` what the verifier wrote goes to standard error before it, as it is. */
export const withVerifierLog = <T>(output: Output, show: boolean, load: () => T): T => {
  try {
    return load();
  } catch (error) {
    const log = show ? logOf(error) : "";
    if (log !== "") output.note(output.json ? toJsonText({ type: "log", log }) : log.trimEnd());
    throw error;
  }
};

const logOf = (error: unknown): string => {
  if (isVerifierError(error)) return error.log;
  return error instanceof UnsupportedError && error.cause instanceof Error ? error.cause.message : "";
};
