/**
 * The guest's own programs as JavaScript. Modules of the product are taken from `build`, one file each; what is not
 * shipped (helpers of tests) comes along.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { stripTypes } from "../../src/compiler/source/strip.ts";
import { transformModule } from "../../src/compiler/source/transform.ts";

/** Matches the specifier of a relative import of TypeScript. */
const RELATIVE_IMPORT = /(?<=\b(?:from|import)\s+")\.{1,2}\/[^"]*\.ts(?=")/g;

/** `entries` and all that they import but the product: JavaScript by path, both relative to the project. */
export const guestModules = (root: string, entries: readonly string[]): ReadonlyMap<string, string> => {
  const modules = new Map<string, string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const path = javaScript(file);
    if (modules.has(path)) continue;
    const from = dirname(file);
    const text = readFileSync(join(root, file), "utf8").replace(RELATIVE_IMPORT, (specifier) => {
      const target = join(from, specifier);
      const built = javaScript(target.replace(/^src\//, "build/"));
      if (target.startsWith("src/") && existsSync(join(root, built))) return specifierOf(from, built);
      waiting.push(target);
      return javaScript(specifier);
    });
    const runtime = specifierOf(from, "build/kernel/source.js");
    const code = file.endsWith(".bpf.ts")
      ? transformModule(text, { url: file, runtime }).code
      : stripTypes({ url: file, text });
    modules.set(path, code);
  }
  return modules;
};

const specifierOf = (from: string, to: string): string => relative(from, to).replace(/^(?!\.)/, "./");

const javaScript = (path: string): string => path.replace(/\.ts$/, ".js");
