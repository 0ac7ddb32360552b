/** Which part of a literal a refusal is about. */
import type { Ast } from "../source/parse.ts";

/** Where a member of an object literal, or an element of an array literal, is written; the node itself where it is neither. */
export const partOf = (node: Ast.Node | null, name: string | number): Ast.Node | null => {
  switch (node?.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return partOf(node.expression, name);
    case "ObjectExpression":
      for (const property of node.properties) if (isOf(property, name)) return property.value;
      return node;
    case "ArrayExpression":
      return node.elements[Number(name)] ?? node;
    default:
      return node;
  }
};

const isOf = (property: Ast.ObjectPropertyKind, name: string | number): property is Ast.ObjectProperty =>
  property.type === "Property" &&
  !property.computed &&
  property.key.type === "Identifier" &&
  property.key.name === name;
