/** Names that a source gives to what it computes: `sum` of `const sum = a + b` and of `sum = a + b`. */
import type { Position } from "../../kernel/source.ts";
import { forEachChild, isFunction, parseModule, type Ast } from "./parse.ts";

/** The variable that what is at the position is computed for, in the function around it; null where it is for none. */
export const declaredName = ({ module, offset }: Position): string | null => {
  let name: string | null = null;
  const visit = (node: Ast.Node): void => {
    if (node.start > offset || node.end <= offset) return;
    if (isFunction(node)) name = null;
    const [target, value] = assignmentOf(node);
    if (target?.type === "Identifier" && value !== null && value.start <= offset && offset < value.end)
      name = target.name;
    forEachChild(node, visit);
  };
  visit(parseModule(module).program);
  return name;
};

const assignmentOf = (node: Ast.Node): readonly [target: Ast.Node | null, value: Ast.Node | null] => {
  if (node.type === "VariableDeclarator") return [node.id, node.init];
  if (node.type === "AssignmentExpression") return [node.left, node.right];
  return [null, null];
};
