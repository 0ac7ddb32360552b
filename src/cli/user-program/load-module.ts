import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { loadAhead } from "../../compiler/source/load-ahead.ts";
import { registerHooks } from "../../compiler/source/register-hooks.ts";
import { ConfigError } from "../../errors.ts";
import { missingExport } from "./missing-export.ts";
import { moduleError } from "./module-error.ts";

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Runs a user's TypeScript module in this process; `hopmark/…` in it is this very Hopmark unless its folder has another.
 * ConfigError when there is no such file; HopmarkError `syntax`, `not-erasable` and `module` with the place in it.
 */
export const loadModule = async (file: string): Promise<Exports> => {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new ConfigError(`there is no file ${file}`, { file, hint: "name a module that exports a program: x.bpf.ts" });
  }
  try {
    if (!loadAhead(file, { preloads: 0 })) registerHooks();
    return (await import(pathToFileURL(resolve(file)).href)) as Exports;
  } catch (error) {
    throw (await missingExport(error, file)) ?? moduleError(error, file);
  }
};
