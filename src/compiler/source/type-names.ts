import { isErased } from "./erasable.ts";
import type { Ast } from "./parse.ts";

/**
 * Names that a module declares or imports as types alone: `export { Name }` of such a one exports nothing at run time.
 * (Without `verbatimModuleSyntax` TypeScript lets users write that.)
 */
export const typeOnlyNames = (program: Ast.Program): ReadonlySet<string> => {
  const types = new Set<string>();
  const values = new Set<string>();
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration !== null) collect(declaration, types, values);
  }
  for (const name of values) types.delete(name);
  return types;
};

const collect = (node: Ast.Node, types: Set<string>, values: Set<string>): void => {
  switch (node.type) {
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      types.add(node.id.name);
      return;
    case "ImportDeclaration":
      for (const specifier of node.specifiers) {
        const isType =
          node.importKind === "type" || (specifier.type === "ImportSpecifier" && specifier.importKind === "type");
        (isType ? types : values).add(specifier.local.name);
      }
      return;
    case "FunctionDeclaration":
    case "ClassDeclaration":
      if (!isErased(node) && node.id !== null) values.add(node.id.name);
      return;
    case "VariableDeclaration":
      for (const { id } of node.declarations) if (id.type === "Identifier") values.add(id.name);
      return;
    default:
  }
};
