/** `=`, `+=`, `++` and the rest: of variables, fields and elements. */
import type { Ast } from "../source/parse.ts";
import { arrayOf, itemsOf } from "./arrays.ts";
import { leaveWhenMissing } from "./chains.ts";
import { truth } from "./comparisons.ts";
import { Label, bind, decide, jump } from "./flow.ts";
import { settled } from "./maybe.ts";
import { readIndex, readMember, writeIndex, writeMember } from "./members.ts";
import { readName } from "./names.ts";
import { applyOperator } from "./operators.ts";
import type { Scope, Variable } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, undefinedValue, type Value } from "./values.ts";

type Target = Ast.AssignmentTarget | Ast.SimpleAssignmentTarget;

export const evaluateAssignment = (unit: Unit, scope: Scope, node: Ast.AssignmentExpression): Value => {
  const operator = node.operator.slice(0, -1);
  if (node.left.type === "ArrayPattern" || node.left.type === "ObjectPattern") {
    const value = unit.evaluator.expression(unit, scope, node.right);
    if (unit.builder.reachable) assignPattern(unit, scope, node.left, value, node);
    return value;
  }
  if (operator === "&&" || operator === "||" || operator === "??") return assignWhere(unit, scope, node, operator);
  const written = operator === "" ? node.right : null;
  return assign(unit, scope, node.left, { node, written }, (old) => {
    // The old value is read before the right side, which may change it.
    const left = operator === "" ? null : old();
    const right = unit.evaluator.expression(unit, scope, node.right);
    unit.at(node);
    return left === null ? right : applyOperator(unit, operator, left, right, node);
  }).now;
};

/** `a ||= b`: assigned only where what is there does not stand. */
const assignWhere = (unit: Unit, scope: Scope, node: Ast.AssignmentExpression, operator: "&&" | "||" | "??"): Value => {
  const before = unit.evaluator.expression(unit, scope, node.left as Ast.Expression);
  const [change, keep, end] = [new Label(unit), new Label(unit), new Label(unit)];
  if (operator === "??") {
    leaveWhenMissing(unit, before, change);
    jump(unit, keep);
  } else {
    const [whenTrue, whenFalse] = operator === "&&" ? [change, keep] : [keep, change];
    decide(unit, truth(unit, before), whenTrue, whenFalse);
  }
  bind(unit, change);
  if (unit.builder.reachable)
    jump(
      unit,
      end,
      assign(unit, scope, node.left, { node, written: node.right }, () =>
        unit.evaluator.expression(unit, scope, node.right),
      ).now,
    );
  bind(unit, keep);
  if (unit.builder.reachable) jump(unit, end, settled(unit, before));
  return bind(unit, end);
};

/** `[a, b] = …` and `({ a, b } = …)`, from left to right. */
const assignPattern = (
  unit: Unit,
  scope: Scope,
  target: Ast.Node,
  value: Value,
  node: Ast.AssignmentExpression,
): void => {
  switch (target.type) {
    case "ArrayPattern": {
      const items = itemsOf(value);
      if (items === null)
        return unit.refuse("HM1004", `${describe(value)} cannot be taken apart; read elements by their index`, target);
      return target.elements.forEach((element, at) => {
        if (element === null) return;
        if (element.type === "RestElement")
          assignPattern(unit, scope, element.argument, arrayOf(items.slice(at)), node);
        else assignPattern(unit, scope, element, items[at] ?? undefinedValue, node);
      });
    }
    case "ObjectPattern":
      return target.properties.forEach((property) => {
        if (property.type === "RestElement" || property.computed || property.key.type !== "Identifier")
          return unit.refuse(
            "HM1302",
            "only members by their names can be assigned this way; assign the others one by one",
            property,
          );
        assignPattern(unit, scope, property.value, readMember(unit, value, property.key.name, property), node);
      });
    case "AssignmentPattern": {
      const isMissing = isStatic(value) && value.value === undefined;
      const given = isMissing ? unit.evaluator.expression(unit, scope, target.right) : value;
      return assignPattern(unit, scope, target.left, given, node);
    }
    default:
      assign(unit, scope, target as Target, { node, written: null }, () => value);
  }
};

export const evaluateUpdate = (unit: Unit, scope: Scope, node: Ast.UpdateExpression): Value => {
  const { before, now } = assign(unit, scope, node.argument, { node, written: null }, (old) => {
    const value = old();
    const one =
      value.kind === "integer"
        ? value.type === "number"
          ? 1
          : 1n
        : isStatic(value) && typeof value.value === "bigint"
          ? 1n
          : 1;
    return applyOperator(unit, node.operator === "++" ? "+" : "-", value, statik(one), node);
  });
  return node.prefix ? now : before;
};

const constantText = ({ name, value }: Variable): string => {
  if (value?.kind === "closure" && value.node.id?.name === name)
    return `${name} is a function; keep what changes in a let`;
  if (value?.kind !== "view") return `${name} is a constant; declare it with let`;
  const [field] = value.layout.fields;
  return `${name} is ${describe(value)}; change a field of it, as in ${name}.${field?.name ?? "field"} = …`;
};

interface Assignment {
  readonly node: { readonly start: number };
  /** What is assigned, where that is all: with `+=` and `++` it is not. */
  readonly written: Ast.Expression | null;
}

/** Evaluates the target once, computes the new value (which may ask for the old one) and assigns it. */
const assign = (
  unit: Unit,
  scope: Scope,
  target: Target,
  { node, written }: Assignment,
  compute: (old: () => Value) => Value,
): { before: Value; now: Value } => {
  const store = (write: () => void): void => {
    if (!unit.builder.reachable) return;
    unit.assigned = written;
    write();
    unit.assigned = null;
  };
  let before: Value = undefinedValue;
  const keep = (value: Value): Value => (before = value);
  switch (target.type) {
    case "Identifier": {
      const variable = scope.find(target.name);
      if (variable?.isConstant === true) return unit.refuse("HM1302", constantText(variable), target);
      const now = compute(() => keep(readName(unit, scope, target)));
      if (variable === undefined)
        return unit.refuse(
          "HM1302",
          `${target.name} is a constant of the module; keep what changes in a variable of the program, a map or variable(…)`,
          target,
        );
      if (unit.builder.reachable) unit.builder.state.set(unit.variables, variable, now);
      return { before, now };
    }
    case "MemberExpression": {
      const object = unit.evaluator.expression(unit, scope, target.object);
      if (target.computed) {
        const index = unit.evaluator.expression(unit, scope, target.property);
        const now = compute(() => keep(readIndex(unit, object, index, target)));
        store(() => writeIndex(unit, object, index, now, target.property));
        return { before, now };
      }
      if (target.property.type === "PrivateIdentifier")
        return unit.refuse("HM1001", "a private name has no meaning in a kernel program; use a name without #", target);
      const { name } = target.property;
      const now = compute(() => keep(readMember(unit, object, name, target.property)));
      store(() => writeMember(unit, object, name, now, target.property));
      return { before, now };
    }
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
    case "TSTypeAssertion":
      return assign(unit, scope, target.expression as Target, { node, written }, compute);
    default:
      return unit.refuse(
        "HM1302",
        "only a name, a field or an element can be assigned to; assign them one by one",
        node,
      );
  }
};
