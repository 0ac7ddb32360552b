/**
 * `node -r hopmark/register program.ts`, or `--import`: TypeScript files outside node_modules load with their types stripped,
 * and `*.bpf.ts` with their functions registered for the compiler.
 */
import { Module } from "node:module";
import { pathToFileURL } from "node:url";
import { loadAhead } from "./load-ahead.ts";
import { registerHooks } from "./register-hooks.ts";

const script = process.argv[1];

// The one `--import` or `-r` is the one that brought us here.
if (script === undefined || !loadAhead(script, { preloads: 1 })) registerHooks();

const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/)];
if (options.some((option) => /^(?:-r$|--require\b)/.test(option))) {
  // Without `--import`, Node.js takes a script for CommonJS that no package.json says to be an ES module.
  Object.assign(Reflect.get(Module, "_extensions") as object, {
    ".ts": (_module: unknown, file: string): void => void import(pathToFileURL(file).href),
  });
}
