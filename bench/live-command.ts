/** Hopmark's commands while they run, as people run them: in processes of their own, whose CPU time is looked at. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const hopmark = fileURLToPath(new URL("../bin/hopmark.js", import.meta.url));

/** A command that runs until it is stopped. */
export interface LiveCommand {
  readonly pid: number;
  /** Ends it, with Ctrl-C. Returns what it printed; nothing of what a terminal showed. */
  stop(): Promise<string>;
}

/** On a terminal, which `script` is. Returns when it has started and waits for what comes. */
export const startOnTerminal = async (words: readonly string[]): Promise<LiveCommand> => {
  const line = ["stty cols 200 rows 50; exec", process.execPath, hopmark, ...words].join(" ");
  const terminal = spawn("script", ["-qefc", line, "/dev/null"], { stdio: ["pipe", "ignore", "inherit"] });
  const closed = once(terminal, "close");
  let pid = 0;
  await until(() => (pid = childOf(terminal.pid ?? 0)) !== 0);
  let last = 0;
  await until(() => {
    const now = cpuNs(pid);
    const waits = now > START_NS && now - last < IDLE_NS;
    last = now;
    return waits;
  });
  return {
    pid,
    stop: async () => {
      process.kill(pid, "SIGINT");
      checkStatus(words, await closed);
      return "";
    },
  };
};

/** With `--json`, whose first line says that it has started. */
export const startWithJson = async (words: readonly string[]): Promise<LiveCommand> => {
  const child = spawn(process.execPath, [hopmark, ...words, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => void (text += part));
  await until(() => text.includes("\n"));
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGINT");
      checkStatus(words, await closed);
      return text;
    },
  };
};

/** What Node.js alone takes; what a command that waits takes between two looks. */
const [START_NS, IDLE_NS] = [60e6, 5e6];
const LOOK_MS = 100;
const PATIENCE_MS = 20_000;

export const until = async (is: () => boolean): Promise<void> => {
  for (const limit = performance.now() + PATIENCE_MS; !is(); await sleep(LOOK_MS))
    if (performance.now() > limit) throw new Error(`not so after ${PATIENCE_MS} ms`);
};

/** Of all threads of a process. */
export const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    0,
  );

const checkStatus = (words: readonly string[], [status]: readonly (number | null)[]): void => {
  if (status !== 0) throw new Error(`hopmark ${words.join(" ")} ended with ${status}`);
};

/** 0 when it has none. */
const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
