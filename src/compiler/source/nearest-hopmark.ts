import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

const nearest = new Map<string, string | undefined>();

/** The folder of the package that Node.js takes for `hopmark/…` in a file: the file's own, or an installed one. */
export const nearestHopmark = (file: string): string | undefined => {
  const folder = dirname(file);
  if (!nearest.has(folder)) nearest.set(folder, above(folder));
  return nearest.get(folder);
};

const above = (start: string): string | undefined => {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isHopmark(`${folder}/package.json`)) return folder;
    const installed = `${folder}/node_modules/hopmark`;
    if (existsSync(`${installed}/package.json`)) return realpathSync.native(installed);
    if (folder === dirname(folder)) return undefined;
  }
};

const isHopmark = (file: string): boolean =>
  existsSync(file) && /^\s*"name"\s*:\s*"hopmark"/m.test(readFileSync(file, "utf8"));
