/**
 * Loading a script without module hooks. Hooks live in a thread of their own, whose start takes Node.js half as long as
 * its own. A plain program (`user-modules.ts`) needs none: its modules are handed to Node.js as it hands over what
 * `require()` loads, and an `import` of them finds them there; or, where nobody imports them, they run as functions, and Node.js need not even start
 * its own loader of ES modules.
 */
import type { Module } from "node:module";
import { fileURLToPath } from "node:url";
import { arePreloadsHarmless, nodeOptions } from "./other-preloads.ts";
import { areFunctions, runModules, type Exports } from "./run-modules.ts";
import { userModules } from "./user-modules.ts";

const ownFolder = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** A program that has run, or is about to. */
export interface Ahead {
  /** What `entry` exports; undefined where Node.js has the module and gives it to whoever imports it. */
  readonly exports: Exports | Promise<Exports> | undefined;
}

export interface AheadOptions {
  /** How many modules Node.js was told to load first so that it would come here: others may have hooks too. */
  readonly preloads: 0 | 1;
  /** Node.js will import `entry` by itself, and is to find it. */
  readonly isImported: boolean;
}

/**
 * Runs the program that starts with `entry`. Undefined, and nothing has run, when that takes module hooks. Throws what the
 * program throws.
 */
export const loadAhead = (entry: string, { preloads, isImported }: AheadOptions): Ahead | undefined => {
  if (!import.meta.url.endsWith(".js") || hasOtherLoaders() || !arePreloadsHarmless(preloads)) return undefined;
  if (isImported && !canCompile()) return undefined;
  const modules = userModules(entry, ownFolder);
  if (modules === undefined) return undefined;
  if (!isImported && areFunctions(modules)) {
    const exports = runModules(modules);
    return exports === undefined ? undefined : { exports };
  }
  if (!canCompile()) return undefined;
  for (const { file, code } of modules) compile(file, code);
  return { exports: undefined };
};

/** Node.js lets `require()` load ES modules, and has no hooks on this thread, which would do without all this. */
const canCompile = (): boolean =>
  Reflect.get(process.features, "require_module") === true && !("registerHooks" in nodeModule());

/** Options by which others take part in loading modules, or by which files are other modules than they seem. */
const hasOtherLoaders = (): boolean =>
  nodeOptions().some(
    (option) =>
      option.startsWith("-") &&
      option !== "-r" &&
      /^(?:-C|-e|-p)$|^(?:-c|-i)$|^--(?:loader|experimental|preserve|conditions|input|eval|inspect-brk|test|watch|check|interactive)/.test(
        option,
      ),
  );

/** Not imported above: to load it takes Node.js half a millisecond, and mostly it is of no use here. */
const nodeModule = () => process.getBuiltinModule("node:module");

interface Compiling {
  _compile(code: string, file: string, format: "module"): void;
}

const compile = (file: string, code: string): void => {
  const module = Object.assign(new (nodeModule().Module)(file), { filename: file }) as Module & Compiling;
  try {
    module._compile(code, file, "module");
  } catch (error) {
    // It awaits at its top level: it is linked, and runs when it is imported.
    if (!(error instanceof Error && "code" in error && error.code === "ERR_REQUIRE_ASYNC_MODULE")) throw error;
  }
};
