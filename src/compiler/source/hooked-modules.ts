/** What module hooks do with a module, on whichever thread they run. */
import { readFileSync } from "node:fs";
import type { LoadFnOutput } from "node:module";
import { fileURLToPath } from "node:url";
import { kindOf, moduleName } from "./runtime-specifier.ts";
import { translate } from "./translate.ts";
import { readTranslation, writeTranslation } from "./translation-cache.ts";

/** Made when it is asked for: addresses take Node.js a while, and most scripts need no hooks. */
const here = (path: string): string => new URL(path, import.meta.url).href;

/** From here Hopmark's folder has itself: three up in `src` and in `dist` alike. */
export const ownPackage = (): string => here("../../../package.json");

export const isHopmarks = (specifier: string): boolean => specifier.startsWith("hopmark/");

export const isNotFound = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND");

/**
 * Who gets this Hopmark gets the modules beside these hooks, which the program under load runs too. Hopmark run from its sources,
 * as its tests do, knows itself in `src`; the package's name leads to `dist`.
 */
export const besideThese = (url: string): string => {
  const builtFolder = here("../../../dist/");
  const ownFolder = here("../../");
  if (builtFolder === ownFolder || !url.startsWith(builtFolder)) return url;
  return ownFolder + url.slice(builtFolder.length).replace(/\.js$/, ".ts");
};

/** A TypeScript file outside node_modules as JavaScript; undefined for all else. Throws `SourceError`. */
export const loadTypeScript = (url: string): LoadFnOutput | undefined => {
  if (!url.startsWith("file:") || url.includes("/node_modules/")) return undefined;
  const { pathname } = new URL(url);
  if (kindOf(pathname) === "other") return undefined;
  const file = fileURLToPath(url);
  return { format: "module", source: translated(file, readFileSync(file, "utf8")), shortCircuit: true };
};

/** Made before, where the file has not changed. Its imports stay as they are: hooks resolve them. */
const translated = (file: string, text: string): string => {
  const origin = { file, text, url: moduleName(file, process.cwd()), hopmark: ownPackage() };
  const kept = readTranslation(origin);
  if (kept !== undefined) return kept.code;
  const code = translate(file, text);
  writeTranslation(origin, { imports: [], code });
  return code;
};
