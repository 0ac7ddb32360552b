import { HopmarkError, PermissionError } from "../../errors.ts";
import { diagnosticsOf, errorDetails, isPlaced, isVerifierError } from "./error-details.ts";
import { ExitStatus, exitStatusOf } from "./exit-status.ts";
import { hintIn } from "./hint-place.ts";
import { isInPath } from "./in-path.ts";
import { toJsonText, type Output } from "./output.ts";

/** What was asked for, as far as it concerns what is said of a failure. */
export interface CommandLine {
  /** The network namespace that the command was given. */
  readonly netns?: string;
  /** The command can show the verifier's own log, and was not told to. */
  readonly hidesLog?: boolean;
}

/**
 * Says what went wrong: `hopmark: message`, or `file:line:column: message` for a user's program, and what to do about it;
 * with --json an object. To standard error.
 */
export const reportError = (error: unknown, output: Output, { netns, hidesLog = false }: CommandLine = {}): void => {
  if (output.json) return output.note(toJsonText({ type: "error", ...describe(error, netns) }));
  const style = output.noteStyle;
  if (!(error instanceof HopmarkError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return output.note(`${style("red", "hopmark:")} this is a fault of Hopmark itself, please report it: ${text}`);
  }
  output.note(isPlaced(error) ? error.message : `${style("red", "hopmark:")} ${error.message}`);
  const hint = error.hint ?? hintByStatus(error);
  if (hint !== undefined) output.note(`  ${style("dim", hintIn(hint, netns))}`);
  const numbers = [...new Set(diagnosticsOf(error).map(({ code }) => code))];
  if (numbers.length > 0) {
    const log = hidesLog && isVerifierError(error) ? "; all that the verifier said: --log" : "";
    output.note(style("dim", `more about it: ${numbers.map((code) => `hopmark explain ${code}`).join(", ")}${log}`));
  }
};

/** What to do when the error itself does not say; a PermissionError's message is a screen that does. */
const hintByStatus = (error: HopmarkError): string | undefined => {
  if (error instanceof PermissionError || exitStatusOf(error) !== ExitStatus.NotPermitted) return undefined;
  return process.getuid?.() === 0
    ? "root may not do this here: hopmark doctor says what is missing"
    : `run it as root: ${isInPath("sudo") ? "put sudo in front" : "from a root shell"}`;
};

const describe = (error: unknown, netns: string | undefined): object => {
  if (!(error instanceof HopmarkError))
    return { code: "fault", message: error instanceof Error ? error.message : String(error) };
  const { code, message, hint } = error;
  return { code, message, ...(hint !== undefined && { hint: hintIn(hint, netns) }), ...errorDetails(error) };
};
