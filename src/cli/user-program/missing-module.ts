/** An import of a module that is not there: the line that asks for it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { didYouMean } from "../../compiler/nearest.ts";
import { moduleName } from "../../compiler/source/runtime-specifier.ts";
import { HopmarkError } from "../../errors.ts";

/** The error for Node's answer that it cannot find what a module of the user's imports; undefined for any other error. */
export const missingModule = (error: unknown): HopmarkError | undefined => {
  const said =
    error instanceof Error ? /^Cannot find (?:module|package) '([^']+)' imported from (.+)$/.exec(error.message) : null;
  if (said === null) return undefined;
  const [, wanted = "", importer = ""] = said;
  if (!existsSync(importer)) return undefined;
  const lines = readFileSync(importer, "utf8").split("\n");
  for (const [at, line] of lines.entries()) {
    const specifier = [...line.matchAll(/["']([^"']+)["']/g)].find(([, text = ""]) =>
      isOf(text, wanted, importer),
    )?.[1];
    if (specifier === undefined) continue;
    const place = `${moduleName(importer, process.cwd())}:${at + 1}`;
    return new HopmarkError("module", `${place}: there is no ${specifier}${advice(specifier, wanted)}\n  ${line}`, {
      cause: error,
    });
  }
  return undefined;
};

/** Whether an import of `text` in the file `importer` asks for the module, or for a part of the package. */
const isOf = (text: string, wanted: string, importer: string): boolean =>
  text.startsWith(".") ? resolve(dirname(importer), text) === wanted : text === wanted || text.startsWith(`${wanted}/`);

const advice = (specifier: string, wanted: string): string => {
  if (!specifier.startsWith(".")) return "; install it, or import a file of your own as ./file.ts";
  const folder = dirname(wanted);
  if (!existsSync(folder)) return "";
  const names = readdirSync(folder);
  const ended = [".ts", ".bpf.ts", ".js"].map((end) => basename(wanted).replace(/\.js$/, "") + end);
  const there = ended.find((name) => names.includes(name));
  const of = (name: string): string => `./${join(dirname(specifier), name)}`.replace(/^\.\/\.\.\//, "../");
  return there === undefined ? didYouMean(specifier, names.map(of)) : `; did you mean ${of(there)}?`;
};
