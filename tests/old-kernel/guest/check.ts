/** A named check: it passes unless it throws, and says in a few words what it saw. */
import { say } from "./say.ts";

let checks = 0;
let failed = 0;

/** Runs one after the other; a failure does not keep the next from running. */
export const check = async (name: string, run: () => string | Promise<string>): Promise<void> => {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  checks++;
  try {
    const detail = await run();
    say({ type: "check", name, seconds: seconds(), detail });
  } catch (error) {
    failed++;
    say({ type: "failed", name, seconds: seconds(), error: text(error) });
  }
};

export const end = (): void => say({ type: "end", checks, failed });

const text = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${text(error.cause)}`;
  const log = "log" in error && typeof error.log === "string" ? `\n${error.log.slice(-6000)}` : "";
  return `${error.stack ?? error.message}${log}${cause}`;
};

/** Waits for the event, with a limit. */
export const until = async (what: string, condition: () => boolean, limitSeconds = 20): Promise<void> => {
  const limit = performance.now() + limitSeconds * 1000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`after ${limitSeconds} s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
