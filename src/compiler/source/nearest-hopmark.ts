import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the package that Node.js takes for `hopmark/…` in a file: the file's own, or an installed one. */
export const nearestHopmark = (file: string): string | undefined => {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (packageName(folder) === "hopmark") return folder;
    const installed = join(folder, "node_modules/hopmark");
    if (packageName(installed) !== undefined) return realpathSync(installed);
    if (folder === dirname(folder)) return undefined;
  }
};

const packageName = (folder: string): string | undefined => {
  try {
    return /^\s*"name"\s*:\s*"([^"]*)"/m.exec(readFileSync(join(folder, "package.json"), "utf8"))?.[1] ?? "";
  } catch {
    return undefined;
  }
};
