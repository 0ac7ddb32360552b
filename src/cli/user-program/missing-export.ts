/** An import of what a module does not export: the line where it is misspelt, and what was meant. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { didYouMean, nearest } from "../../compiler/nearest.ts";
import { registerHooks } from "../../compiler/source/register-hooks.ts";
import { moduleName } from "../../compiler/source/runtime-specifier.ts";
import { HopmarkError } from "../../errors.ts";

/**
 * The error for Node's refusal to link such an import, in `file` or in a module that it imports; undefined for any other
 * error.
 */
export const missingExport = async (error: unknown, file: string): Promise<HopmarkError | undefined> => {
  if (!(error instanceof SyntaxError)) return undefined;
  const said = /requested module '([^']+)' does not provide an export named '([^']+)'/.exec(error.message);
  if (said === null) return undefined;
  const [, requested = "", name = ""] = said;
  for (const path of importers(error, file)) {
    const found = findImport(readFileSync(path, "utf8"), name);
    if (found === undefined) continue;
    const { from, line, text } = found;
    const there = await exportsOf(from, requested, path);
    if (there.includes(name)) continue;
    const place = `${moduleName(path, process.cwd())}:${line}`;
    const other = from.startsWith("hopmark/") ? await partWith(name) : undefined;
    const advice = other === undefined ? didYouMean(name, there) : `; it is in ${other}`;
    return new HopmarkError("module", `${place}: ${from} has no ${name}${advice}\n  ${text}`, { cause: error });
  }
  return undefined;
};

/** The files in which the import may be. Node's own loader writes before the message where it is; what is loaded ahead of it has no such line. */
const importers = (error: Error, file: string): Iterable<string> => {
  const at = /^(file:\/\/\S+?):\d+\n/.exec(error.stack ?? "")?.[1];
  const path = at === undefined ? undefined : fileURLToPath(at);
  return path !== undefined && existsSync(path) ? [path] : withItsImports(resolve(file));
};

/** The file, and the user's own modules that it imports, each once. */
const withItsImports = (file: string): Set<string> => {
  const files = new Set([file]);
  // What is added meanwhile is visited, too.
  for (const one of files) {
    for (const [, specifier = ""] of readFileSync(one, "utf8").matchAll(/\bfrom\s*["'](\.[^"']+)["']/g)) {
      const path = resolve(dirname(one), specifier);
      if (existsSync(path)) files.add(path);
    }
  }
  return files;
};

interface Import {
  /** As the user wrote it: `hopmark/kernel`. */
  readonly from: string;
  readonly line: number;
  readonly text: string;
}

/** The error for an import of a part that Hopmark does not have, in `file` or in a module that it imports; undefined for any other. */
export const missingPart = (error: unknown, file: string): HopmarkError | undefined => {
  const said = error instanceof Error ? /'\.\/([^']+)' is not defined by "exports"/.exec(error.message) : null;
  if (said === null) return undefined;
  const [, part = ""] = said;
  const wanted = `hopmark/${part}`;
  const meant = nearest(part, parts);
  const advice =
    meant === undefined
      ? `there is ${parts.map((one) => `hopmark/${one}`).join(", ")}`
      : `did you mean hopmark/${meant}?`;
  for (const path of withItsImports(resolve(file))) {
    const lines = readFileSync(path, "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes(`"${wanted}"`) || line.includes(`'${wanted}'`));
    if (at === -1) continue;
    const place = `${moduleName(path, process.cwd())}:${at + 1}`;
    return new HopmarkError("module", `${place}: there is no ${wanted}; ${advice}\n  ${lines[at]}`, {
      cause: error,
    });
  }
  return undefined;
};

const parts = ["kernel", "wire", "compiler", "bpf"];

/** The part of Hopmark that exports a name. */
const partWith = async (name: string): Promise<string | undefined> => {
  for (const part of parts.map((one) => `hopmark/${one}`)) {
    if (name in ((await import(part)) as object)) return part;
  }
  return undefined;
};

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
const exportsOf = async (from: string, requested: string, importer: string): Promise<string[]> => {
  registerHooks();
  const relative = from.startsWith(".") ? new URL(from, pathToFileURL(importer)).href : from;
  for (const specifier of [requested.startsWith(".") ? relative : requested, relative]) {
    try {
      return Object.keys((await import(specifier)) as object);
    } catch {
      continue; // as the user's folder resolves it, or as this one does
    }
  }
  return [];
};
