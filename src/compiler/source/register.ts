/**
 * `node -r hopmark/register program.ts`, or `--import`: TypeScript files outside node_modules load with their types stripped,
 * and `*.bpf.ts` with their functions registered for the compiler.
 */
import { Module } from "node:module";
import { pathToFileURL } from "node:url";
import { loadAhead } from "./load-ahead.ts";
import { isRunning } from "./main-module.ts";
import { registerHooks } from "./register-hooks.ts";

const script = process.argv[1];
const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/)];
// With `--import`, Node.js imports a script, too.
const isRequired = options.some((option) => /^(?:-r$|--require\b)/.test(option));

// The one `--import` or `-r` is the one that brought us here.
const ahead = script === undefined ? undefined : loadAhead(script, { preloads: 1, isImported: !isRequired });

if (ahead === undefined) registerHooks();
else if (ahead.exports !== undefined) isRunning(ahead.exports);

if (isRequired) {
  // Without `--import`, Node.js takes a script for CommonJS that no package.json says to be an ES module.
  Object.assign(Reflect.get(Module, "_extensions") as object, {
    ".ts": (_module: unknown, file: string): void => void import(pathToFileURL(file).href),
  });
}
