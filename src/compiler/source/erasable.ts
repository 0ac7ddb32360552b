/** Which parts of a TypeScript module exist only for the type checker, and which need more than blanking. */
import type { Ast } from "./parse.ts";

/** A statement or class member that leaves nothing behind when types are gone. */
export const isErased = (node: Ast.Node): boolean => {
  switch (node.type) {
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSDeclareFunction":
    case "TSIndexSignature":
    case "TSAbstractMethodDefinition":
    case "TSAbstractPropertyDefinition":
    case "TSAbstractAccessorProperty":
      return true;
    case "ImportDeclaration":
    case "TSImportEqualsDeclaration":
      return node.importKind === "type";
    case "ExportAllDeclaration":
      return node.exportKind === "type";
    case "ExportNamedDeclaration":
      return node.exportKind === "type" || (node.declaration !== null && isErased(node.declaration));
    case "ExportDefaultDeclaration":
      return isErased(node.declaration);
    case "VariableDeclaration":
    case "ClassDeclaration":
    case "FunctionDeclaration":
    case "PropertyDefinition":
    case "TSEnumDeclaration":
      return node.declare === true;
    case "MethodDefinition":
      return node.value.type === "TSEmptyBodyFunctionExpression";
    case "TSModuleDeclaration":
      return (
        node.declare ||
        node.global === true ||
        (node.body?.type === "TSModuleBlock" && node.body.body.every((statement) => isErased(statement)))
      );
    default:
      return false;
  }
};

/** Why a node cannot be erased, and what to write instead; null when it can or is plain JavaScript. */
export const refusal = (node: Ast.Node): { readonly what: string; readonly hint: string } | null => {
  switch (node.type) {
    case "TSEnumDeclaration":
      return { what: "enum has code", hint: "write an object `as const`" };
    case "TSModuleDeclaration":
      return { what: "a namespace with values has code", hint: "write a module, or an object" };
    case "TSParameterProperty":
      return { what: "a parameter property has code", hint: "declare the field and assign it in the constructor" };
    case "TSImportEqualsDeclaration":
      return { what: "`import … =` has code", hint: "write an ES import" };
    case "TSExportAssignment":
      return { what: "`export =` has code", hint: "write an ES export" };
    case "TSNamespaceExportDeclaration":
      return { what: "`export as namespace` belongs in declaration files", hint: "remove it" };
    case "TSTypeAssertion":
      return { what: "`<T>value` cannot be erased in place", hint: "write `value as T`" };
    case "Decorator":
      return { what: "decorators have code", hint: "call the function instead" };
    default:
      return null;
  }
};
