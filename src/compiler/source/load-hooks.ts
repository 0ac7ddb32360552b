/** Module hooks of `hopmark/register`; they run on Node's hooks thread. */
import { readFile } from "node:fs/promises";
import type { LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import { kindOf, moduleName } from "./runtime-specifier.ts";
import { translate } from "./translate.ts";
import { readTranslation, writeTranslation } from "./translation-cache.ts";

const here = (path: string): string => new URL(path, import.meta.url).href;

/** Hopmark's own folder is three up from here in `src` and in `dist` alike. */
const packageJson = here("../../../package.json");
const builtFolder = here("../../../dist/");
const ownFolder = here("../../");

/**
 * A file whose folder has no Hopmark installed gets this one by the name `hopmark/…`; and who gets this one gets the
 * modules beside these hooks, which the program under load runs too.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (!specifier.startsWith("hopmark/")) return nextResolve(specifier, context);
  let found: Awaited<ReturnType<typeof nextResolve>>;
  try {
    found = await nextResolve(specifier, context);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    found = await nextResolve(specifier, { ...context, parentURL: packageJson });
  }
  return { ...found, url: besideTheseHooks(found.url) };
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith("file:") || url.includes("/node_modules/")) return nextLoad(url, context);
  const { pathname } = new URL(url);
  if (kindOf(pathname) === "other") return nextLoad(url, context);
  const file = fileURLToPath(url);
  const source = translated(file, await readFile(file, "utf8"));
  return { format: "module", source, shortCircuit: true };
};

/** Made before, where the file has not changed. Its imports stay as they are: these hooks resolve them. */
const translated = (file: string, text: string): string => {
  const origin = { file, text, url: moduleName(file, process.cwd()), hopmark: "" };
  const kept = readTranslation(origin);
  if (kept !== undefined) return kept.code;
  const code = translate(file, text);
  writeTranslation(origin, { imports: [], code });
  return code;
};

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";

/** Hopmark run from its sources, as its tests do, knows itself in `src`; the package's name leads to `dist`. */
const besideTheseHooks = (url: string): string => {
  if (builtFolder === ownFolder || !url.startsWith(builtFolder)) return url;
  return ownFolder + url.slice(builtFolder.length).replace(/\.js$/, ".ts");
};
