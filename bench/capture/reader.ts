/** A program that captures what an interface receives, on a CPU of its own, until it is told to end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpuNs } from "../live-command.ts";

export interface Reader {
  /** Of all its threads, so far. */
  cpuNs(): number;
  /** Ends it with Ctrl-C. */
  stop(): Promise<Captured>;
}

/** What it says it captured. */
export interface Captured {
  readonly read: number;
  /** With those that were lost. */
  readonly received: number;
  readonly lost: number;
  /** All that it said. */
  readonly text: string;
}

const PATIENCE_MS = 20_000;

/** Comes back when it listens. What it prints to standard output goes nowhere. */
export const startReader = async (netns: string, cpu: number, command: readonly string[]): Promise<Reader> => {
  const words = ["netns", "exec", netns, "taskset", "-c", String(cpu), ...command];
  const child = spawn("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
  const closed = once(child, "close");
  let text = "";
  child.stderr.setEncoding("utf8");
  const listens = new Promise<void>((resolve) => {
    child.stderr.on("data", (part: string) => {
      text += part;
      if (text.includes("listening on")) resolve();
    });
  });
  const late = setTimeout(() => child.kill(), PATIENCE_MS);
  await Promise.race([listens, closed]);
  clearTimeout(late);
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command.join(" ")}: ${text}`);
  return {
    // ip and taskset become what they start.
    cpuNs: () => cpuNs(child.pid ?? 0),
    async stop() {
      child.kill("SIGINT");
      const [status] = (await closed) as (number | null)[];
      if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${text}`);
      const number = (what: string): number => Number(new RegExp(`(\\d+) packets? ${what}`).exec(text)?.[1] ?? NaN);
      return {
        read: number("captured"),
        received: number("received by filter"),
        lost: number("dropped by kernel"),
        text,
      };
    },
  };
};
