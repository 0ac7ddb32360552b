import type { SourceModule } from "../../kernel/source.ts";
import { parseModule, type Ast } from "./parse.ts";

/** Names that a module declares or imports, those taken out of objects left out. */
export const topLevelNames = (module: SourceModule): string[] =>
  parseModule(module).program.body.flatMap((statement) => {
    switch (statement.type) {
      case "ImportDeclaration":
        return statement.specifiers.map(({ local }) => local.name);
      case "ExportNamedDeclaration":
        return statement.declaration === null ? [] : namesOf(statement.declaration);
      default:
        return namesOf(statement);
    }
  });

const namesOf = (node: Ast.Node): string[] => {
  if (node.type === "VariableDeclaration")
    return node.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  return node.type === "FunctionDeclaration" && node.id !== null ? [node.id.name] : [];
};
