/** An import of what a module does not export: the line where it is misspelt, and what was meant. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { didYouMean } from "../../compiler/nearest.ts";
import { moduleName } from "../../compiler/source/runtime-specifier.ts";
import { HopmarkError } from "../../errors.ts";

/** The error for Node's refusal to link such an import; undefined for any other error. */
export const missingExport = async (error: unknown): Promise<HopmarkError | undefined> => {
  if (!(error instanceof SyntaxError)) return undefined;
  const said = /requested module '([^']+)' does not provide an export named '([^']+)'/.exec(error.message);
  // Node writes before the message where the import is.
  const at = /^(file:\/\/\S+?):\d+\n/.exec(error.stack ?? "");
  if (said === null || at === null) return undefined;
  const [, requested = "", name = ""] = said;
  const path = fileURLToPath(at[1] ?? "");
  if (!existsSync(path)) return undefined;
  const found = findImport(readFileSync(path, "utf8"), name);
  if (found === undefined) return undefined;
  const { from, line, text } = found;
  const place = `${moduleName(path, process.cwd())}:${line}`;
  const meant = didYouMean(name, await exportsOf(from, requested, at[1] ?? ""));
  return new HopmarkError("module", `${place}: ${from} has no ${name}${meant}\n  ${text}`, { cause: error });
};

interface Import {
  /** As the user wrote it: `hopmark/kernel`. */
  readonly from: string;
  readonly line: number;
  readonly text: string;
}

const findImport = (source: string, name: string): Import | undefined => {
  for (const found of source.matchAll(/\b(?:im|ex)port\b[^;'"{]*\{([^}]*)\}\s*from\s*["']([^"']+)["']/g)) {
    const [whole, names = "", from = ""] = found;
    const word = new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).exec(names);
    if (word === null) continue;
    const offset = found.index + whole.indexOf("{") + 1 + word.index;
    const line = source.slice(0, offset).split("\n").length;
    return { from, line, text: source.split("\n")[line - 1] ?? "" };
  }
  return undefined;
};

/** What there is instead; nothing when it cannot be told. */
const exportsOf = async (from: string, requested: string, parent: string): Promise<string[]> => {
  const relative = from.startsWith(".") ? new URL(from, parent).href : from;
  for (const specifier of [requested.startsWith(".") ? relative : requested, relative]) {
    try {
      return Object.keys((await import(specifier)) as object);
    } catch {
      continue; // as the user's folder resolves it, or as this one does
    }
  }
  return [];
};
