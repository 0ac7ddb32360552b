/** What `hopmark/register` does when Node.js loads it before a script. */
import { pathToFileURL } from "node:url";
import { loadAhead } from "./load-ahead.ts";
import { isRunning } from "./main-module.ts";
import { nodeOptions } from "./other-preloads.ts";
import { registerHooks } from "./register-hooks.ts";

export const startScript = (): void => {
  const script = process.argv[1];
  // With `--import`, Node.js imports a script, too.
  const isRequired = nodeOptions().some((option) => option === "-r" || option.startsWith("--require"));

  const ahead = script === undefined ? undefined : loadAhead(script, { preloads: 1, isImported: !isRequired });

  if (ahead === undefined) registerHooks();
  else if (ahead.exports !== undefined) isRunning(ahead.exports);

  if (isRequired && ahead?.exports === undefined) {
    // Without `--import`, Node.js takes a script for CommonJS that no package.json says to be an ES module.
    const { Module } = process.getBuiltinModule("node:module");
    Object.assign(Reflect.get(Module, "_extensions") as object, {
      ".ts": (_module: unknown, file: string): void => void import(pathToFileURL(file).href),
    });
  }
};
