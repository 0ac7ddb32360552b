/** What goes wrong while a user's module is read and run is the user's, not a fault of Hopmark: it says where. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { moduleName } from "../../compiler/source/runtime-specifier.ts";
import { HopmarkError } from "../../errors.ts";

/** Codes of what the loader refuses. Its errors come from another thread: their message is whole, their class is lost. */
const LOADER_CODES = new Set(["syntax", "not-erasable"]);

/** Run from its sources, Hopmark's loader is the built one all the same. Addresses take Node.js a millisecond. */
const ownFolders = (): string[] => ["../../", "../../../dist/"].map((path) => new URL(path, import.meta.url).href);

/** The error for what a module threw: `file:line: what`, and the line. */
export const moduleError = (error: unknown, file: string): HopmarkError => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // The loader asks for `hopmark/…` on behalf of the file, in Hopmark's own name.
  const said = (error instanceof Error ? error.message : String(error)).replace(
    / imported from \S+\/package\.json$/,
    "",
  );
  const hint = error instanceof Error && "hint" in error ? error.hint : undefined;
  const details = { cause: error, ...(typeof hint === "string" && { hint }) };
  if (LOADER_CODES.has(code)) return new HopmarkError(code, said, details);
  const isPlain =
    error instanceof HopmarkError || !(error instanceof Error) || error.name === "Error" || code.startsWith("ERR_");
  const what = isPlain ? said : `${error.name}: ${said}`;
  const place = error instanceof Error ? placeIn(error.stack ?? "") : undefined;
  if (place === undefined) return new HopmarkError("module", `${moduleName(file, process.cwd())}: ${what}`, details);
  return new HopmarkError("module", `${place.file}:${place.line}: ${what}\n  ${place.text}`, details);
};

interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/**
 * The innermost line of the stack that is neither Node's nor Hopmark's. Lines are as written; columns are not, as the
 * functions of a kernel module are wrapped.
 */
const placeIn = (stack: string): Place | undefined => {
  const own = ownFolders();
  for (const [, url = "", line = ""] of stack.matchAll(/(file:\/\/[^\s()]+?):(\d+)/g)) {
    if (own.some((folder) => url.startsWith(folder))) continue;
    const path = fileURLToPath(url);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8").split("\n")[Number(line) - 1] ?? "";
    return { file: moduleName(path, process.cwd()), line: Number(line), text };
  }
  return undefined;
};
