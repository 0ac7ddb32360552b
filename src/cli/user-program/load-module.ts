import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { loadAhead } from "../../compiler/source/load-ahead.ts";
import type { Exports } from "../../compiler/source/run-modules.ts";
import { registerHooks } from "../../compiler/source/register-hooks.ts";
import { ConfigError } from "../../errors.ts";
import { missingExport, missingPart } from "./missing-export.ts";
import { moduleError } from "./module-error.ts";

/**
 * Runs a user's TypeScript module in this process; `hopmark/…` in it is this very Hopmark unless its folder has another.
 * ConfigError when there is no such file; HopmarkError `syntax`, `not-erasable` and `module` with the place in it.
 */
export const loadModule = async (file: string): Promise<Exports> => {
  checkFile(file);
  try {
    const ahead = loadAhead(file, { preloads: 0, isImported: false });
    if (ahead === undefined) registerHooks();
    if (ahead?.exports !== undefined) return await ahead.exports;
    return (await import(pathToFileURL(resolve(file)).href)) as Exports;
  } catch (error) {
    throw missingPart(error, file) ?? (await missingExport(error, file)) ?? moduleError(error, file);
  }
};

const checkFile = (file: string): void => {
  const hint = "name a module that exports a program: x.bpf.ts";
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return;
  } catch (cause) {
    // Not even the folders on the way may be looked into, or a name is too long.
    throw new ConfigError(`cannot look at ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      file,
      hint,
      cause,
    });
  }
  throw new ConfigError(`there is no file ${file}`, { file, hint });
};
