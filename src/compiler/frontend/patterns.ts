/** Declares the names of a pattern with the parts of a value. */
import type { Ast } from "../source/parse.ts";
import { readMember } from "./members.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { isStatic, statik, type Value } from "./values.ts";

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
      for (const property of pattern.properties) {
        if (property.type === "RestElement" || property.computed || property.key.type !== "Identifier") {
          return unit.refuse(
            "HM1001",
            "only plain names can be taken out of an object here; read the others as object.name",
            property,
          );
        }
        bindPattern(unit, scope, property.value, readMember(unit, value, property.key.name, property), isConstant);
      }
      return;
    case "ArrayPattern": {
      if (!isStatic(value) || !Array.isArray(value.value))
        return unit.refuse("HM1004", "only a constant array can be taken apart; read elements by their index", pattern);
      const items = value.value as unknown[];
      pattern.elements.forEach((element, at) => {
        if (element === null) return;
        if (element.type === "RestElement")
          return bindPattern(unit, scope, element.argument, statik(items.slice(at)), isConstant);
        return bindPattern(unit, scope, element, statik(items[at]), isConstant);
      });
    }
  }
};
