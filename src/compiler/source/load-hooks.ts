/** Module hooks of `hopmark/register`; they run on Node's hooks thread. */
import { readFile } from "node:fs/promises";
import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import { kindOf, moduleName, runtimeSpecifier } from "./runtime-specifier.ts";
import { stripTypes } from "./strip.ts";
import { transformModule } from "./transform.ts";

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith("file:") || url.includes("/node_modules/")) return nextLoad(url, context);
  const { pathname } = new URL(url);
  const kind = kindOf(pathname);
  if (kind === "other") return nextLoad(url, context);
  const file = fileURLToPath(url);
  const text = await readFile(file, "utf8");
  const name = moduleName(file, process.cwd());
  const source =
    kind === "bpf"
      ? transformModule(text, { url: name, runtime: runtimeSpecifier(file, text) }).code
      : stripTypes({ url: name, text });
  return { format: "module", source, shortCircuit: true };
};
