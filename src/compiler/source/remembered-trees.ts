/** Trees of modules that were parsed in an earlier start, made when the compiler asks for one: mostly it need not. */
import type { SourceModule } from "../../kernel/source.ts";
import type { Ast } from "./parse.ts";

const remembered = new Map<string, { readonly text: string; readonly make: () => Ast.Program }>();

/** `make` gives the tree of this text. */
export const rememberTree = ({ url, text }: SourceModule, make: () => Ast.Program): void => {
  remembered.set(url, { text, make });
};

/** The tree, once: whoever takes it keeps it. Undefined where there is none, or none that makes sense. */
export const takeRememberedTree = ({ url, text }: SourceModule): Ast.Program | undefined => {
  const found = remembered.get(url);
  if (found?.text !== text) return undefined;
  remembered.delete(url);
  try {
    return found.make();
  } catch {
    return undefined;
  }
};
