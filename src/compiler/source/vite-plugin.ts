import { kindOf, moduleName, runtimeSpecifier } from "./runtime-specifier.ts";
import { transformModule } from "./transform.ts";

/** As much of a Vite plugin as this is: Vite is no dependency of the library. */
export interface KernelModulesPlugin {
  readonly name: string;
  readonly enforce: "pre";
  transform(code: string, id: string): { code: string; map: null } | null;
}

/** Vite and Vitest: `*.bpf.ts` modules register their functions for the compiler, before anything else reads them. */
export const kernelModules = (options: { readonly root?: string } = {}): KernelModulesPlugin => {
  const root = options.root ?? process.cwd();
  return {
    name: "hopmark:kernel-modules",
    enforce: "pre",
    transform(text, id) {
      const file = id.replace(/[?#].*$/, "");
      if (kindOf(file) !== "bpf") return null;
      const runtime = runtimeSpecifier(file, text);
      return { code: transformModule(text, { url: moduleName(file, root), runtime }).code, map: null };
    },
  };
};
