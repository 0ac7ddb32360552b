/**
 * Loading a script without module hooks. Hooks live in a thread of their own, whose start takes Node.js half as long as
 * its own. A plain program (`user-modules.ts`) needs none: its modules are handed to Node.js as it hands over what
 * `require()` loads, and an `import` of them finds them there.
 */
import { Module } from "node:module";
import { fileURLToPath } from "node:url";
import { userModules } from "./user-modules.ts";

const ownFolder = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/**
 * Runs the program that starts with `entry`, so that importing `entry` gives the module that ran. False, and nothing has
 * run, when that takes module hooks, or when Node.js was started with more than so many modules to load first, which may have
 * hooks too. Throws what the program throws.
 */
export const loadAhead = (entry: string, { preloads }: { readonly preloads: number }): boolean => {
  if (!import.meta.url.endsWith(".js") || !nodeCan() || hasOtherLoaders(preloads)) return false;
  const modules = userModules(entry, ownFolder);
  if (modules === undefined) return false;
  for (const { file, code } of modules) compile(file, code);
  return true;
};

/** Node.js lets `require()` load ES modules, and has no hooks on this thread, which would do without all this. */
const nodeCan = (): boolean => Reflect.get(process.features, "require_module") === true && !("registerHooks" in Module);

/** Options by which others take part in loading modules, or by which files are other modules than they seem. */
const hasOtherLoaders = (own: number): boolean => {
  const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  const preloads = options.filter((option) => /^(?:-r$|--(?:import|require)\b)/.test(option));
  return (
    preloads.length > own ||
    options.some((option) =>
      /^(?:-C|-e|-p)$|^--(?:loader|experimental|preserve|conditions|input|eval|inspect-brk)/.test(option),
    )
  );
};

interface Compiling {
  _compile(code: string, file: string, format: "module"): void;
}

const compile = (file: string, code: string): void => {
  const module = Object.assign(new Module(file), { filename: file }) as Module & Compiling;
  try {
    module._compile(code, file, "module");
  } catch (error) {
    // It awaits at its top level: it is linked, and runs when it is imported.
    if (!(error instanceof Error && "code" in error && error.code === "ERR_REQUIRE_ASYNC_MODULE")) throw error;
  }
};
