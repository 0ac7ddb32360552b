/** The script of this process where it has run already, and not as the module that Node.js takes it for. */
import { chunks } from "./chunks.ts";

/** Node.js' status for a script that still awaits at its top level when nothing is left to do. */
const UNSETTLED = 13;

/** Node.js is not to run it again, and ends as it would have. What the promise is rejected with ends the process. */
export const isRunning = (script: unknown): void => {
  chunks().skipMain();
  if (!(script instanceof Promise)) return;
  const atEnd = (): void => {
    process.exitCode ??= UNSETTLED;
  };
  process.once("exit", atEnd);
  void script.then(() => process.off("exit", atEnd));
};
