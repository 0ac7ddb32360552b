/** Names in a piece of source: those that it assigns, and those that it mentions. */
import { forEachChild, type Ast } from "../source/parse.ts";

const assigned = new WeakMap<Ast.Node, ReadonlySet<string>>();

/** Names that some assignment in `node`, or in a function within it, changes. */
export const assignedNames = (node: Ast.Node): ReadonlySet<string> => {
  const known = assigned.get(node);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const target = (child: Ast.Node): void => {
    if (child.type === "Identifier") names.add(child.name);
    else if (child.type !== "MemberExpression") forEachChild(child, target);
  };
  const visit = (child: Ast.Node): void => {
    if (child.type === "AssignmentExpression") target(child.left);
    if (child.type === "UpdateExpression") target(child.argument);
    forEachChild(child, visit);
  };
  visit(node);
  assigned.set(node, names);
  return names;
};

/** Where `node` first assigns to a name; null where only functions that it calls do. */
export const assignmentTo = (node: Ast.Node, name: string): Ast.Node | null => {
  let found: Ast.Node | null = null;
  const visit = (child: Ast.Node): void => {
    if (found !== null) return;
    const target =
      child.type === "AssignmentExpression" ? child.left : child.type === "UpdateExpression" ? child.argument : null;
    if (target?.type === "Identifier" && target.name === name) found = child;
    else forEachChild(child, visit);
  };
  visit(node);
  return found;
};

/** Names in `node`, those of properties left out. */
export const mentionedNames = (node: Ast.Node): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (child: Ast.Node): void => {
    if (child.type === "Identifier") names.add(child.name);
    else if (child.type === "MemberExpression" && !child.computed) visit(child.object);
    else if (child.type === "Property" && !child.computed) visit(child.value);
    else forEachChild(child, visit);
  };
  visit(node);
  return names;
};

/** Names that a pattern declares. */
export const boundNames = (pattern: Ast.BindingPattern | Ast.BindingRestElement): readonly string[] => {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "RestElement":
      return boundNames(pattern.argument);
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "RestElement" ? property : property.value),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
  }
};
