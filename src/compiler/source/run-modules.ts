/** Runs the modules of a plain program as functions (`module-function.ts`), without Node's loader of ES modules. */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { noteExport } from "../kept/known-exports.ts";
import { chunks } from "./chunks.ts";
import type { ImportedNames, ModuleFunction } from "./module-function.ts";
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
  for (const { file, run, imports, usesMeta } of linked) {
    const imported = imports.map((read) => read(done));
    last = run(imported, usesMeta ? importMeta(file) : undefined);
    if (!(last instanceof Promise)) done.set(file, last);
  }
  return last;
};

interface Linked {
  readonly file: string;
  readonly run: (imported: readonly Exports[], meta: object | undefined) => Exports | Promise<Exports>;
  /** What is imported, given the exports of the user's modules that have run. */
  readonly imports: readonly ((done: ReadonlyMap<string, Exports>) => Exports)[];
  readonly usesMeta: boolean;
}

const link = (module: UserModule, exporters: ReadonlyMap<string, readonly string[]>): Linked | undefined => {
  const { file, asFunction, targets } = module;
  if (asFunction === undefined) return undefined;
  const imports: Linked["imports"][number][] = [];
  for (const imported of asFunction.imports) {
    const target = targets.get(imported.specifier);
    const source =
      target === undefined ? outside(imported) : inside(target, exporters.get(target) ?? [], imported.names);
    if (source === undefined) return undefined;
    imports.push(source);
  }
  const run = compiled(file, asFunction);
  return run === undefined ? undefined : { file, run, imports, usesMeta: asFunction.usesMeta };
};

/** Undefined for what is no JavaScript. */
const compiled = (file: string, { code, prologue }: ModuleFunction): Linked["run"] | undefined => {
  try {
    return new Script(code, { filename: urlOf(file), columnOffset: -prologue }).runInThisContext() as Linked["run"];
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
const outside = (imported: ImportedNames): Linked["imports"][number] | undefined => {
  const exports = imported.specifier.startsWith("file:") ? ownExports(imported) : builtinExports(imported);
  return exports === undefined ? undefined : () => exports;
};

/** Chunks of `hopmark/kernel` and `hopmark/wire`: what they export never changes. */
const wordsAndHeaders = /^\.\/(?:base|seldom|wire)\b/;

/** Those names alone: what else the entry point exports need not be loaded. */
const ownExports = ({ names, places }: ImportedNames): Exports | undefined => {
  if (places === undefined) return undefined;
  const { loadChunk } = chunks();
  const exports: Record<string, unknown> = {};
  for (const [index, [chunk, own]] of places.entries()) {
    const value = loadChunk(chunk)[own];
    exports[names[index] ?? ""] = value;
    if (wordsAndHeaders.test(chunk)) noteExport(value, `${chunk} ${own}`);
  }
  return exports;
};

const builtinExports = ({ specifier, names }: ImportedNames): Exports | undefined => {
  const builtin = (process.getBuiltinModule(specifier) ?? {}) as Exports;
  const exported = Object.keys(builtin);
  const exports: Record<string, unknown> = {};
  for (const name of names) {
    if (name !== "default" && !exported.includes(name)) return undefined;
    exports[name] = name === "default" ? builtin : builtin[name];
  }
  return exports;
};

const importMeta = (file: string): object =>
  Object.assign(Object.create(null) as object, { dirname: dirname(file), filename: file, url: urlOf(file) });

/** Most paths need no escaping, for which Node.js takes its time. */
const urlOf = (file: string): string => (/^[\w./-]+$/.test(file) ? `file://${file}` : pathToFileURL(file).href);
