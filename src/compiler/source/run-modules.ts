/** Runs the modules of a plain program as functions (`module-function.ts`), without Node's loader of ES modules. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { ModuleFunction } from "./module-function.ts";
import type { UserModule } from "./user-modules.ts";

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** Whether all of them are functions, none of which another must wait for. */
export const areFunctions = (modules: readonly UserModule[]): boolean =>
  modules.every(
    ({ asFunction }, index) => asFunction !== undefined && (!asFunction.isAsync || index === modules.length - 1),
  );

/**
 * Runs each module, given after those that it imports, and gives the exports of the last; a promise of them when that awaits
 * at its top level. Undefined, and nothing has run, where one imports what is not exported or is no JavaScript: whoever loads
 * it then says so. Throws what a module throws.
 */
export const runModules = (modules: readonly UserModule[]): Exports | Promise<Exports> | undefined => {
  const exporters = new Map<string, readonly string[]>();
  const linked: Linked[] = [];
  for (const module of modules) {
    const one = link(module, exporters);
    if (one === undefined) return undefined;
    linked.push(one);
    exporters.set(module.file, module.asFunction?.exports ?? []);
  }
  const done = new Map<string, Exports>();
  let last: Exports | Promise<Exports> | undefined;
  for (const { file, run, imports } of linked) {
    last = run(
      imports.map((read) => read(done)),
      importMeta(file),
    );
    if (!(last instanceof Promise)) done.set(file, last);
  }
  return last;
};

interface Linked {
  readonly file: string;
  readonly run: (imported: readonly Exports[], meta: object) => Exports | Promise<Exports>;
  /** What is imported, given the exports of the user's modules that have run. */
  readonly imports: readonly ((done: ReadonlyMap<string, Exports>) => Exports)[];
}

const link = (module: UserModule, exporters: ReadonlyMap<string, readonly string[]>): Linked | undefined => {
  const { file, asFunction, targets } = module;
  if (asFunction === undefined) return undefined;
  const imports: Linked["imports"][number][] = [];
  for (const { specifier, names } of asFunction.imports) {
    const target = targets.get(specifier);
    const source =
      target === undefined ? outside(specifier, names) : inside(target, exporters.get(target) ?? [], names);
    if (source === undefined) return undefined;
    imports.push(source);
  }
  const run = compiled(file, asFunction);
  return run === undefined ? undefined : { file, run, imports };
};

/** Undefined for what is no JavaScript. */
const compiled = (file: string, { code, prologue }: ModuleFunction): Linked["run"] | undefined => {
  try {
    const script = new Script(code, { filename: pathToFileURL(file).href, columnOffset: -prologue });
    return script.runInThisContext() as Linked["run"];
  } catch {
    return undefined;
  }
};

const inside = (
  file: string,
  exported: readonly string[],
  names: readonly string[],
): Linked["imports"][number] | undefined =>
  names.every((name) => exported.includes(name)) ? (done) => done.get(file) ?? {} : undefined;

/** Of Hopmark, by the address of an entry point, or of Node.js. */
const outside = (specifier: string, names: readonly string[]): Linked["imports"][number] | undefined => {
  const exports = specifier.startsWith("file:") ? ownExports(specifier, names) : builtinExports(specifier, names);
  return exports === undefined ? undefined : () => exports;
};

const require = createRequire(import.meta.url);

interface Chunks {
  readonly loadChunk: (name: string) => Exports;
}

/** Where each name of an entry point is: in which chunk, and under which name. The build writes it beside the entry point. */
type Places = Readonly<Record<string, readonly [file: string, name: string]>>;

/** Those names alone: what else the entry point exports need not be loaded. */
const ownExports = (url: string, names: readonly string[]): Exports | undefined => {
  const places = JSON.parse(readFileSync(`${dirname(fileURLToPath(url))}/names.json`, "utf8")) as Places;
  const { loadChunk } = require("../../chunks/load.cjs") as Chunks;
  const exports: Record<string, unknown> = {};
  for (const name of names) {
    const place = Object.hasOwn(places, name) ? places[name] : undefined;
    if (place === undefined) return undefined;
    exports[name] = loadChunk(place[0])[place[1]];
  }
  return exports;
};

const builtinExports = (specifier: string, names: readonly string[]): Exports | undefined => {
  const builtin = require(specifier) as Exports;
  const exported = Object.keys(builtin);
  if (!names.every((name) => name === "default" || exported.includes(name))) return undefined;
  return names.includes("default") ? { ...pick(builtin, names), default: builtin } : pick(builtin, names);
};

const pick = (exports: Exports, names: readonly string[]): Exports =>
  Object.fromEntries(names.filter((name) => name !== "default").map((name) => [name, exports[name]]));

const importMeta = (file: string): object =>
  Object.assign(Object.create(null) as object, {
    dirname: dirname(file),
    filename: file,
    url: pathToFileURL(file).href,
  });
