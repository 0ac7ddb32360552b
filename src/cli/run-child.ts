import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { HopmarkError } from "../errors.ts";

const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs another program in the foreground and returns its exit status, 128 and the signal's number when one ended it. A
 * signal sent to Hopmark is passed on; what the terminal sends (Ctrl-C) reaches the program anyway, and only once.
 * HopmarkError when it cannot be started.
 */
export const runChild = (start: () => ChildProcess, file: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = start();
    const fromTerminal = (name: NodeJS.Signals): boolean =>
      (name === "SIGINT" || name === "SIGQUIT") && process.stdin.isTTY;
    const passOn = (name: NodeJS.Signals): void => {
      if (!fromTerminal(name)) child.kill(name);
    };
    for (const name of PASSED_ON) process.on(name, passOn);
    const done = (): void => {
      for (const name of PASSED_ON) process.off(name, passOn);
    };
    child.once("error", (cause: NodeJS.ErrnoException) => {
      done();
      const why = cause.code === "ENOENT" ? "there is no such program in PATH" : cause.message;
      reject(new HopmarkError("exec", `${file}: ${why}`, { cause }));
    });
    child.once("exit", (code, by) => {
      done();
      resolve(by === null ? (code ?? 1) : 128 + constants.signals[by]);
    });
  });
