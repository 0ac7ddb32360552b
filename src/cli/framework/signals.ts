/** What tells a command to end, gathered in one AbortSignal. */

export interface Interruption {
  /** Made when it is asked for: Node.js takes a millisecond to load what it is. */
  readonly signal: AbortSignal;
  /** Whether the signal is aborted. */
  readonly isAborted: boolean;
  /** The signal that ended it, if one did. */
  received(): NodeJS.Signals | undefined;
  /** An exception that no one caught, if there was one: it ends the command too, so that it cleans up. */
  failure(): unknown;
  abort(): void;
  /** From now on Ctrl-C belongs to a program that runs in the foreground: a second one does not end this process. */
  allowRepeats(): void;
  dispose(): void;
}

const HANDLED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens until `dispose`. The second SIGINT ends the process at once: cleaning up may hang. */
export const watchInterruption = (): Interruption => {
  let controller: AbortController | undefined;
  let isAborted = false;
  const abort = (): void => {
    isAborted = true;
    controller?.abort();
  };
  let received: NodeJS.Signals | undefined;
  let failure: unknown;
  let repeatsAllowed = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (received !== undefined && signal === "SIGINT" && !repeatsAllowed) process.exit(130);
    received ??= signal;
    abort();
  };
  const onFailure = (error: unknown): void => {
    if (failure !== undefined) process.exit(1);
    failure = error;
    abort();
  };
  for (const signal of HANDLED) process.on(signal, onSignal);
  process.on("uncaughtException", onFailure);
  return {
    get signal() {
      controller ??= new AbortController();
      if (isAborted) controller.abort();
      return controller.signal;
    },
    get isAborted() {
      return isAborted;
    },
    received: () => received,
    failure: () => failure,
    abort,
    allowRepeats: () => {
      repeatsAllowed = true;
    },
    dispose: () => {
      for (const signal of HANDLED) process.off(signal, onSignal);
      process.off("uncaughtException", onFailure);
    },
  };
};
