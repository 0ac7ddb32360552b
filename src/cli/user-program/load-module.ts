import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearest } from "../../compiler/nearest.ts";
import { loadAhead } from "../../compiler/source/load-ahead.ts";
import type { Exports } from "../../compiler/source/run-modules.ts";
import { registerHooks } from "../../compiler/source/register-hooks.ts";
import { ConfigError } from "../../errors.ts";
import { installationError } from "../framework/installation.ts";
import { fileReason } from "../../linux/file-reason.ts";
import { missingExport, missingPart } from "./missing-export.ts";
import { missingModule } from "./missing-module.ts";
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
    throw (
      installationError(error) ??
      missingPart(error, file) ??
      missingModule(error) ??
      (await missingExport(error, file)) ??
      moduleError(error, file)
    );
  }
};

/** Refuses what is no text of a module at all, before anybody makes sense of it. */
const checkFile = (file: string): void => {
  const hint = "name a module that exports a program: x.bpf.ts";
  const refuse = (message: string, cause?: unknown): never => {
    throw new ConfigError(message, { file, hint, cause });
  };
  try {
    const status = statSync(file, { throwIfNoEntry: false });
    if (status === undefined) return refuse(`there is no file ${file}${meantOf(file)}`);
    if (status.isDirectory()) return refuse(`${file} is a folder`);
    if (!status.isFile()) return refuse(`${file} is no file with text in it`);
    if (!MODULE.test(file)) return refuse(`${file} is no module of TypeScript or JavaScript`);
    accessSync(file, constants.R_OK);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    refuse(`cannot read ${file}: ${fileReason(cause)}`, cause);
  }
};

const MODULE = /\.[cm]?[jt]s$/;

/** Which module beside it was meant; what all their names end in says nothing. */
const meantOf = (file: string): string => {
  const ending = ".bpf.ts";
  const own = (name: string): string => name.replace(/\.bpf\.ts$/, "");
  try {
    const names = readdirSync(dirname(file)).filter((name) => name.endsWith(ending));
    const meant = nearest(own(basename(file)), names.map(own));
    return meant === undefined
      ? ""
      : `; did you mean ${file.slice(0, file.length - basename(file).length)}${meant}${ending}?`;
  } catch {
    return "";
  }
};
