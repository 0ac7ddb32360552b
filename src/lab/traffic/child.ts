import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { HopmarkError } from "../../errors.ts";
import type { Netns } from "../../linux/netns.ts";
import { spawnInNetns } from "../exec.ts";

/** A child process that makes or takes traffic. It ends with this process, however this one ends. */
export interface Traffic<Ready, Report> {
  readonly pid: number;
  readonly ready: Ready;
  /** Its last word so far; it speaks once a second. */
  latest(): Report | undefined;
  /** Let it end, and have its final report. */
  stop(): Promise<Report>;
  /** Resolves when it has ended, by `stop` or by itself; rejects when it failed. */
  readonly finished: Promise<Report>;
}

/** What a child's program may do besides working: each message is one line of JSON on its standard output. */
type Message<Ready, Report> =
  | { readonly type: "ready"; readonly value: Ready }
  | { readonly type: "report"; readonly value: Report }
  | { readonly type: "failed"; readonly value: string };

/**
 * Start a child in a network namespace and wait until it is ready.
 *
 * `main` travels as its own text, so that it runs the same from TypeScript and from the published JavaScript: it may use nothing
 * but its argument, globals, and `process.getBuiltinModule`. It must end when its standard input does: that is how it
 * notices that this process has ended. `inherit` become its descriptors 3 and up.
 */
export async function startChild<Options, Ready, Report>(
  netns: Netns,
  title: string,
  main: (options: Options) => void,
  options: Options,
  inherit: readonly number[] = [],
): Promise<Traffic<Ready, Report>> {
  const code = `process.title = ${JSON.stringify(title)}; (${main.toString()})(${JSON.stringify(options)});`;
  const child = spawnInNetns(netns, process.execPath, ["--input-type=commonjs", "-e", code], {
    stdio: ["pipe", "pipe", "inherit", ...inherit],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return new Promise((resolveReady, rejectReady) => {
    let report: Report | undefined;
    let failure: string | undefined;
    const finished = new Promise<Report>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        if (failure === undefined && code === 0 && report !== undefined) return resolve(report);
        reject(new HopmarkError("traffic", `${title}: ${failure ?? `ended with ${signal ?? code}`}`));
      });
    });
    finished.catch(rejectReady);
    const { stdin, stdout } = pipes(child);
    createInterface({ input: stdout }).on("line", (line) => {
      const message: Message<Ready, Report> = JSON.parse(line);
      if (message.type === "report") report = message.value;
      else if (message.type === "failed") failure = message.value;
      else {
        resolveReady({
          pid: child.pid ?? 0,
          ready: message.value,
          latest: () => report,
          finished,
          stop() {
            stdin.end();
            return finished;
          },
        });
      }
    });
  });
}

function pipes(child: ChildProcess): { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream } {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new TypeError("the child has no pipes");
  stdin.on("error", () => {}); // EPIPE: it has gone already
  return { stdin, stdout };
}
