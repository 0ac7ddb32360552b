import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Hopmark's own folder: three up from here in `src` and in `dist` alike. */
const hopmarkRoot = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * From where a transformed module imports `kernelFunction`, so that it notes its functions in the same instance that the
 * program under load reads: Hopmark's own modules take `src/kernel/source.ts` by a relative path, everyone else's, and
 * those of Hopmark that import it by name (the examples), the package.
 */
export const runtimeSpecifier = (file: string, text: string): string => {
  const inside = relative(hopmarkRoot, file);
  const isOwn = !inside.startsWith("..") && !inside.split(sep).includes("node_modules");
  if (!isOwn || /\bfrom\s*["']hopmark(?:\/|["'])/.test(text)) return "hopmark/kernel";
  const path = relative(dirname(file), join(hopmarkRoot, "src/kernel/source.ts")).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
};

/** A module's name for people: its path below the working directory, or the whole path. */
export const moduleName = (file: string, workingDirectory: string): string => {
  if (file.startsWith(`${workingDirectory}/`) && !file.includes("/.")) return file.slice(workingDirectory.length + 1);
  const path = relative(workingDirectory, file);
  return path.startsWith("..") ? file : path.split(sep).join("/");
};

/** What the file is to the loaders: a kernel module, other TypeScript, or neither. */
export const kindOf = (path: string): "bpf" | "typescript" | "other" => {
  const name = basename(path);
  if (name.endsWith(".bpf.ts")) return "bpf";
  return name.endsWith(".ts") && !name.endsWith(".d.ts") ? "typescript" : "other";
};
