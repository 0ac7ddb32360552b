import { isErased } from "./erasable.ts";
import { forEachChild, type Ast } from "./parse.ts";

/** A change of a text. */
export interface Edit {
  readonly at: number;
  /** Units replaced. */
  readonly remove: number;
  readonly text: string;
}

/** What a module says it imports from, to what it shall say. */
export type ImportAs = (specifier: string) => string;

/** Renames what a module imports from, in statements and in `import()` of a literal. */
export const importEdits = (program: Ast.Program, importAs: ImportAs): readonly Edit[] => {
  const edits: Edit[] = [];
  const visit = (node: Ast.Node): void => {
    if (isErased(node)) return;
    if (importsModule(node) && node.source?.type === "Literal" && typeof node.source.value === "string") {
      const { start, end, value } = node.source;
      const text = importAs(value);
      if (text !== value) edits.push({ at: start, remove: end - start, text: JSON.stringify(text) });
    }
    forEachChild(node, visit);
  };
  visit(program);
  return edits;
};

const importsModule = (
  node: Ast.Node,
): node is Ast.ImportDeclaration | Ast.ExportNamedDeclaration | Ast.ExportAllDeclaration | Ast.ImportExpression =>
  node.type === "ImportDeclaration" ||
  node.type === "ExportNamedDeclaration" ||
  node.type === "ExportAllDeclaration" ||
  node.type === "ImportExpression";

/** Applies edits that are in the order of the text. */
export const applyEdits = (text: string, edits: readonly Edit[]): string => {
  const pieces: string[] = [];
  let done = 0;
  for (const edit of edits) {
    pieces.push(text.slice(done, edit.at), edit.text);
    done = edit.at + edit.remove;
  }
  pieces.push(text.slice(done));
  return pieces.join("");
};
