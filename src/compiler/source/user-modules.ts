/** A script and the TypeScript files it imports, read before Node.js loads them. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SourceModule } from "../../kernel/source.ts";
import { isErased } from "./erasable.ts";
import { placesOf } from "./entry-names.ts";
import type { ImportAs } from "./import-edits.ts";
import { moduleFunction, type ModuleFunction } from "./module-function.ts";
import { nearestHopmark } from "./nearest-hopmark.ts";
import { parseModule, type Ast } from "./parse.ts";
import { rememberTree } from "./remembered-trees.ts";
import { kindOf, moduleName, runtimeSpecifier } from "./runtime-specifier.ts";
import { translate } from "./translate.ts";
import { readTranslation, writeTranslation, type Translation, type TranslationOrigin } from "./translation-cache.ts";

export interface UserModule {
  readonly file: string;
  /** As an ES module. */
  readonly code: string;
  /** Undefined for one that cannot run so. */
  readonly asFunction: ModuleFunction | undefined;
  /** The user's own modules among what it imports: specifier to file. */
  readonly targets: ReadonlyMap<string, string>;
}

/**
 * The modules of the program that starts with `entry`, each after those that it imports; undefined where the program is
 * more than TypeScript files, Hopmark and modules of Node.js that import each other by plain statements, without circles.
 * What cannot be read or parsed is undefined too: whoever loads it then says what is wrong.
 */
export const userModules = (entry: string, hopmark: string): readonly UserModule[] | undefined => {
  const modules = new Map<string, UserModule | undefined>();
  const importAs = (specifier: string): string =>
    specifier.startsWith("hopmark/") ? pathToFileURL(entryPoint(specifier, hopmark)).href : specifier;
  /** Whether the module and all below it are plain. */
  const add = (file: string): boolean => {
    if (modules.has(file)) return modules.get(file) !== undefined;
    modules.set(file, undefined);
    const text = readFileSync(file, "utf8");
    const origin = { file, text, url: moduleName(file, process.cwd()), hopmark };
    const kept = readTranslation(origin);
    // What was kept for this Hopmark was plain when it was made of the same text.
    if (kept === undefined && !isPlain(file, text)) return false;
    if (kept?.program !== undefined) rememberTree(origin, kept.program);
    const imports = kept?.imports ?? importsOf(origin);
    if (imports === undefined) return false;
    const targets = new Map<string, string>();
    for (const specifier of imports) {
      if (isAtHand(specifier, file, hopmark, kept !== undefined)) continue;
      const target = targetOf(specifier, file);
      if (!add(target)) return false;
      targets.set(specifier, target);
    }
    const { code, asFunction } = kept ?? translated(origin, imports, importAs);
    modules.delete(file);
    modules.set(file, { file, code, asFunction, targets });
    return true;
  };
  try {
    if (!add(realpathSync.native(entry))) return undefined;
  } catch {
    return undefined;
  }
  return [...modules.values()].filter((module) => module !== undefined);
};

const translated = (origin: TranslationOrigin, imports: readonly string[], importAs: ImportAs): Translation => {
  const code = translate(origin.file, origin.text, importAs);
  const asFunction = withPlaces(moduleFunction(origin.url, code));
  const program = kindOf(origin.file) === "bpf" ? () => parseModule(origin).program : undefined;
  const translation = { imports, code, asFunction, program };
  writeTranslation(origin, translation);
  return translation;
};

const withPlaces = (asFunction: ModuleFunction | undefined): ModuleFunction | undefined =>
  asFunction && {
    ...asFunction,
    imports: asFunction.imports.map((imported) => {
      const { specifier, names } = imported;
      return specifier.startsWith("file:") ? { ...imported, places: placesOf(specifier, names) } : imported;
    }),
  };

/** Nothing in it loads modules at run time, whatever their kind. */
const loadsLater = /\bimport\s*(?:\(|\.\s*meta\s*\.\s*resolve\b)|\brequire\b|node:(?:module|vm|worker_threads)\b/;

/** Hopmark's own modules import its runtime from each other. */
const isPlain = (file: string, text: string): boolean =>
  kindOf(file) !== "other" && !loadsLater.test(text) && runtimeSpecifier(file, text) === "hopmark/kernel";

/** Undefined when a statement says more than a name. */
const importsOf = (module: SourceModule): readonly string[] | undefined => {
  const { program } = parseModule(module);
  const imports: string[] = [];
  for (const statement of program.body) {
    if (!isImport(statement) || isErased(statement) || statement.source === null) continue;
    if (statement.attributes.length > 0) return undefined;
    imports.push(statement.source.value);
  }
  return imports;
};

const isImport = (
  node: Ast.Node,
): node is Ast.ImportDeclaration | Ast.ExportAllDeclaration | Ast.ExportNamedDeclaration =>
  node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration" || node.type === "ExportNamedDeclaration";

/** It needs no translation: a module of Node.js, or of this Hopmark where the file has no other. `isKnown`: this Hopmark had it. */
const isAtHand = (specifier: string, file: string, hopmark: string, isKnown: boolean): boolean => {
  if (!specifier.startsWith("hopmark/")) return process.getBuiltinModule(specifier) !== undefined;
  const nearest = nearestHopmark(file);
  return (nearest === undefined || nearest === hopmark) && (isKnown || existsSync(entryPoint(specifier, hopmark)));
};

const entryPoint = (specifier: string, hopmark: string): string =>
  join(hopmark, "dist", specifier.slice("hopmark/".length), "index.js");

/** Throws for a file that is not there, and for what is no relative path. */
const targetOf = (specifier: string, file: string): string => {
  if (!/^\.{1,2}\/[^?#]*$/.test(specifier)) throw new Error(`${specifier} is no path`);
  // In an address, `%` and `\\` are not what they are in a path.
  if (/^[\w./-]+$/.test(specifier)) return realpathSync.native(join(dirname(file), specifier));
  return realpathSync.native(fileURLToPath(new URL(specifier, pathToFileURL(file))));
};
