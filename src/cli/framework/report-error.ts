import { HopmarkError } from "../../errors.ts";
import { toJsonText, type Output } from "./output.ts";

/** Says what went wrong: `hopmark: message` and what to do about it; with --json an object. To standard error. */
export const reportError = (error: unknown, output: Output): void => {
  if (output.json) return output.note(toJsonText({ type: "error", ...describe(error) }));
  const style = output.noteStyle;
  if (!(error instanceof HopmarkError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return output.note(`${style("red", "hopmark:")} this is a fault of Hopmark itself, please report it: ${text}`);
  }
  output.note(`${style("red", "hopmark:")} ${error.message}`);
  if (error.hint !== undefined) output.note(`  ${style("dim", error.hint)}`);
};

const describe = (error: unknown): { code: string; message: string; hint?: string } => {
  if (!(error instanceof HopmarkError))
    return { code: "fault", message: error instanceof Error ? error.message : String(error) };
  const { code, message, hint } = error;
  return { code, message, ...(hint !== undefined && { hint }) };
};
