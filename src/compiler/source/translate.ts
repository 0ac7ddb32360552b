import { applyEdits, importEdits, type ImportAs } from "./import-edits.ts";
import { parseModule } from "./parse.ts";
import { kindOf, moduleName, runtimeSpecifier } from "./runtime-specifier.ts";
import { eraseTypes } from "./strip.ts";
import { transformModule } from "./transform.ts";

/** The JavaScript of a user's TypeScript file. Throws `SourceError` (`syntax`, `not-erasable`). */
export const translate = (file: string, text: string, importAs: ImportAs = (specifier) => specifier): string => {
  const url = moduleName(file, process.cwd());
  if (kindOf(file) === "bpf") {
    return transformModule(text, { url, runtime: importAs(runtimeSpecifier(file, text)), importAs }).code;
  }
  const ast = parseModule({ url, text });
  return applyEdits(eraseTypes(ast), importEdits(ast.program, importAs));
};
