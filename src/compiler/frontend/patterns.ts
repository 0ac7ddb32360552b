/** Declares the names of a pattern with the parts of a value. */
import type { Ast } from "../source/parse.ts";
import { arrayOf, itemsOf } from "./arrays.ts";
import { readElements } from "./fields.ts";
import { readMember } from "./members.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, undefinedValue, type Value } from "./values.ts";

/** `isConstant`: none of the names can be assigned to. */
export const bindPattern = (
  unit: Unit,
  scope: Scope,
  pattern: Ast.BindingPattern,
  value: Value,
  isConstant = false,
): void => {
  switch (pattern.type) {
    case "Identifier": {
      const variable = scope.declare(pattern.name, isConstant);
      if (variable.reassigned) unit.builder.state.set(unit.variables, variable, value);
      else variable.value = value;
      return;
    }
    case "AssignmentPattern": {
      const missing = isStatic(value) && value.value === undefined;
      return bindPattern(
        unit,
        scope,
        pattern.left,
        missing ? unit.evaluator.expression(unit, scope, pattern.right) : value,
        isConstant,
      );
    }
    case "ObjectPattern":
      return bindMembers(unit, scope, pattern, value, isConstant);
    case "ArrayPattern": {
      const items = value.kind === "elements" ? [...readElements(unit, value)] : itemsOf(value);
      if (items === null)
        return unit.refuse("HM1004", `${describe(value)} cannot be taken apart; read elements by their index`, pattern);
      pattern.elements.forEach((element, at) => {
        if (element === null) return;
        if (element.type === "RestElement")
          return bindPattern(unit, scope, element.argument, arrayOf(items.slice(at)), isConstant);
        return bindPattern(unit, scope, element, items[at] ?? undefinedValue, isConstant);
      });
    }
  }
};

const bindMembers = (unit: Unit, scope: Scope, pattern: Ast.ObjectPattern, value: Value, isConstant: boolean): void => {
  const taken = new Set<string>();
  for (const property of pattern.properties) {
    if (property.type === "RestElement") {
      bindPattern(unit, scope, property.argument, withoutMembers(unit, value, taken, property), isConstant);
      continue;
    }
    const name = nameOf(unit, scope, property);
    taken.add(name);
    bindPattern(unit, scope, property.value, readMember(unit, value, name, property), isConstant);
  }
};

const nameOf = (unit: Unit, scope: Scope, { computed, key }: Ast.BindingProperty): string => {
  if (!computed && key.type === "Identifier") return key.name;
  const name = unit.evaluator.expression(unit, scope, key as Ast.Expression);
  if (isStatic(name)) return String(name.value);
  return unit.refuse("HM1004", "a property's name must be known while compiling; write it out", key);
};

/** What `...others` holds. */
const withoutMembers = (unit: Unit, value: Value, taken: ReadonlySet<string>, node: Ast.Node): Value => {
  const isLeft = ([name]: readonly [string, unknown]): boolean => !taken.has(name);
  if (value.kind === "object") return { kind: "object", fields: new Map([...value.fields].filter(isLeft)) };
  if (isStatic(value) && typeof value.value === "object" && value.value !== null)
    return statik(Object.fromEntries(Object.entries(value.value).filter(isLeft)));
  return unit.refuse(
    "HM1001",
    `nothing is left over of ${describe(value)}; read the others by their names, as in object.name`,
    node,
  );
};
