/** Expressions. What is known while compiling is computed by JavaScript itself; the rest becomes SSA. */
import { sourceOf } from "../../kernel/source.ts";
import { functionAt, type Ast } from "../source/parse.ts";
import { equality, order } from "./comparisons.ts";
import { booleanValue, evaluateConditional, evaluateLogical, evaluateNot } from "./conditions.ts";
import { bitwiseNot, integerOperation, negative, truncatedDivision } from "./integers.ts";
import { intrinsics } from "./intrinsics/index.ts";
import { readIndex, readMember, writeIndex, writeMember } from "./members.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, undefinedValue, type Value } from "./values.ts";

export const evaluateExpression = (unit: Unit, scope: Scope, node: Ast.Expression): Value => {
  if (!unit.builder.reachable) return undefinedValue;
  switch (node.type) {
    case "Literal":
      if ("regex" in node)
        return unit.refuse("HM1001", "a regular expression has no meaning in a kernel program", node);
      return statik(node.value);
    case "Identifier":
      return readName(unit, scope, node);
    case "MemberExpression":
      return evaluateMember(unit, scope, node);
    case "CallExpression":
      return evaluateCall(unit, scope, node);
    case "BinaryExpression":
      return evaluateBinary(unit, scope, node);
    case "LogicalExpression":
      return evaluateLogical(unit, scope, node);
    case "ConditionalExpression":
      return evaluateConditional(unit, scope, node);
    case "UnaryExpression":
      return evaluateUnary(unit, scope, node);
    case "AssignmentExpression":
      return evaluateAssignment(unit, scope, node);
    case "UpdateExpression":
      return evaluateUpdate(unit, scope, node);
    case "ObjectExpression":
      return evaluateObject(unit, scope, node);
    case "ArrayExpression":
      return evaluateArray(unit, scope, node);
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return { kind: "closure", node, module: unit.module, scope };
    case "TemplateLiteral":
      return evaluateTemplate(unit, scope, node);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
    case "ChainExpression":
      return evaluateExpression(unit, scope, node.expression);
    case "SequenceExpression":
      return node.expressions.map((part) => evaluateExpression(unit, scope, part)).at(-1) ?? undefinedValue;
    default:
      return unit.refuse("HM1001", `${words[node.type] ?? node.type} has no meaning in a kernel program`, node);
  }
};

const words: Readonly<Record<string, string>> = {
  AwaitExpression: "await",
  YieldExpression: "yield",
  NewExpression: "new (make objects at the module's top level)",
  ThisExpression: "this",
  ClassExpression: "a class",
  TaggedTemplateExpression: "a tagged template",
};

/** Globals that mean the same in a kernel program. */
const globals: Readonly<Record<string, unknown>> = { undefined, Math, BigInt, Number, Object, Array, NaN, Infinity };

const readName = (unit: Unit, scope: Scope, node: Ast.IdentifierReference | Ast.IdentifierName): Value => {
  const variable = scope.find(node.name);
  if (variable !== undefined) {
    const value = variable.value ?? unit.builder.state.get(unit.variables, variable);
    return value ?? unit.refuse("HM1002", `${node.name} is used before it has a value`, node);
  }
  const captured = scope.capture(node.name);
  if (captured !== undefined) return statik(captured.value);
  if (Object.hasOwn(globals, node.name)) return statik(globals[node.name]);
  return unit.refuse("HM1002", `${node.name} is not known here`, node);
};

const evaluateMember = (unit: Unit, scope: Scope, node: Ast.MemberExpression): Value => {
  const object = evaluateExpression(unit, scope, node.object);
  if (node.optional && isStatic(object) && (object.value === null || object.value === undefined)) return undefinedValue;
  if (node.computed) return readIndex(unit, object, evaluateExpression(unit, scope, node.property), node.property);
  if (node.property.type === "PrivateIdentifier")
    return unit.refuse("HM1001", "a private name has no meaning in a kernel program", node.property);
  return readMember(unit, object, node.property.name, node.property);
};

const evaluateCall = (unit: Unit, scope: Scope, node: Ast.CallExpression): Value => {
  const { callee } = node;
  const fn = evaluateExpression(unit, scope, callee);
  const fnValue: unknown = fn.kind === "static" ? fn.value : fn.kind === "method" ? fn.fn : undefined;
  const [first] = node.arguments;
  // A division is exact only where it is truncated at once: Math.trunc(a / b).
  if (
    (fnValue === Math.trunc || fnValue === Math.floor) &&
    first?.type === "BinaryExpression" &&
    first.operator === "/"
  ) {
    const left = evaluateExpression(unit, scope, first.left as Ast.Expression);
    const right = evaluateExpression(unit, scope, first.right);
    if (isStatic(left) && isStatic(right)) return statik(Math.trunc((left.value as number) / (right.value as number)));
    unit.at(first);
    return truncatedDivision(unit, left, right);
  }
  const args: Value[] = [];
  for (const argument of node.arguments) {
    if (argument.type !== "SpreadElement") {
      args.push(evaluateExpression(unit, scope, argument));
      continue;
    }
    const spread = evaluateExpression(unit, scope, argument.argument);
    if (!isStatic(spread) || !Array.isArray(spread.value))
      return unit.refuse("HM1004", "only a constant array can be spread", argument);
    args.push(...spread.value.map(statik));
  }
  if (!unit.builder.reachable) return undefinedValue;
  unit.at(node);
  return applyFunction(unit, fn, args, node);
};

const applyFunction = (unit: Unit, fn: Value, args: readonly Value[], node: Ast.CallExpression): Value => {
  if (fn.kind === "closure") {
    return unit.evaluator.call(unit, { node: fn.node, module: fn.module, scope: fn.scope, captures: null }, args);
  }
  const callee: unknown = fn.kind === "static" ? fn.value : fn.kind === "method" ? fn.fn : undefined;
  if (typeof callee !== "function") return unit.refuse("HM1006", `${describe(fn)} cannot be called`, node);
  const receiver = fn.kind === "method" ? fn.receiver : undefinedValue;
  const intrinsic = intrinsics.get(callee);
  const allStatic = isStatic(receiver) && args.every(isStatic);
  if (intrinsic !== undefined && !(allStatic && intrinsic.foldable))
    return intrinsic.apply({ unit, receiver, args, node });
  const source = sourceOf(callee);
  if (source !== undefined) {
    const inline = functionAt(source.module, source.start);
    if (inline === undefined)
      return unit.refuse("HM1003", `the source of ${callee.name} was not found in ${source.module.url}`, node);
    return unit.evaluator.call(
      unit,
      { node: inline, module: source.module, scope: null, captures: capturesOf(unit, callee, source) },
      args,
    );
  }
  if (!allStatic) {
    return unit.refuse(
      "HM1003",
      `${callee.name === "" ? "this function" : callee.name} is called with run-time values, but its source is not known; put it into a .bpf.ts module`,
      node,
    );
  }
  try {
    const result: unknown = Reflect.apply(
      callee,
      receiver.value,
      args.map((arg) => (arg as { value: unknown }).value),
    );
    return statik(result);
  } catch (error) {
    return unit.refuse("HM1007", error instanceof Error ? error.message : String(error), node);
  }
};

const capturesOf = (
  unit: Unit,
  fn: object,
  source: { captures: () => Readonly<Record<string, unknown>> },
): Readonly<Record<string, unknown>> => {
  let captures = unit.captures.get(fn);
  if (captures === undefined) unit.captures.set(fn, (captures = source.captures()));
  return captures;
};

const evaluateBinary = (unit: Unit, scope: Scope, node: Ast.BinaryExpression | Ast.PrivateInExpression): Value => {
  if (node.left.type === "PrivateIdentifier")
    return unit.refuse("HM1001", "a private name has no meaning in a kernel program", node);
  const left = evaluateExpression(unit, scope, node.left as Ast.Expression);
  const right = evaluateExpression(unit, scope, node.right);
  if (!unit.builder.reachable) return undefinedValue;
  unit.at(node);
  return applyOperator(unit, node.operator, left, right, node);
};

const applyOperator = (unit: Unit, operator: string, left: Value, right: Value, node: { start: number }): Value => {
  if (operator === "==" || operator === "!=")
    return unit.refuse("HM1110", `write ${operator}= instead of ${operator}`, node);
  for (const value of [left, right]) if (value.kind === "conflict") return unit.refuse("HM1301", value.message, node);
  if (isStatic(left) && isStatic(right)) return staticOperation(unit, operator, left.value, right.value, node);
  switch (operator) {
    case "===":
    case "!==":
      return booleanValue(equality(unit, operator, left, right));
    case "<":
    case "<=":
    case ">":
    case ">=":
      return booleanValue(order(unit, operator, left, right));
    default:
      return integerOperation(unit, operator, left, right);
  }
};

/** Both sides are JavaScript values: JavaScript computes. */
const staticOperation = (
  unit: Unit,
  operator: string,
  left: unknown,
  right: unknown,
  node: { start: number },
): Value => {
  const [a, b] = [left as number, right as number];
  const compute = (): unknown => {
    switch (operator) {
      case "+":
        return a + b;
      case "-":
        return a - b;
      case "*":
        return a * b;
      case "/":
        return a / b;
      case "%":
        return a % b;
      case "**":
        return a ** b;
      case "&":
        return a & b;
      case "|":
        return a | b;
      case "^":
        return a ^ b;
      case "<<":
        return a << b;
      case ">>":
        return a >> b;
      case ">>>":
        return a >>> b;
      case "===":
        return a === b;
      case "!==":
        return a !== b;
      case "<":
        return a < b;
      case "<=":
        return a <= b;
      case ">":
        return a > b;
      case ">=":
        return a >= b;
      case "in":
        return Reflect.has(right as object, left as string);
      case "instanceof":
        return typeof right === "function" && left instanceof right;
      default:
        return unit.refuse("HM1001", `the operator ${operator} has no meaning in a kernel program`, node);
    }
  };
  try {
    return statik(compute());
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return unit.refuse("HM1101", error.message, node);
    throw error;
  }
};

const evaluateUnary = (unit: Unit, scope: Scope, node: Ast.UnaryExpression): Value => {
  if (node.operator === "!") return evaluateNot(unit, scope, node);
  const value = evaluateExpression(unit, scope, node.argument);
  unit.at(node);
  if (isStatic(value)) {
    const operand = value.value as number;
    switch (node.operator) {
      case "-":
        return statik(-operand);
      case "+":
        return statik(+operand);
      case "~":
        return statik(~operand);
      case "typeof":
        return statik(typeof operand);
      case "void":
        return undefinedValue;
      default:
        return unit.refuse("HM1001", `${node.operator} has no meaning in a kernel program`, node);
    }
  }
  if (node.operator === "-") return negative(unit, value);
  if (node.operator === "~") return bitwiseNot(unit, value);
  return unit.refuse("HM1001", `${node.operator} has no meaning on ${describe(value)}`, node);
};

type Target = Ast.AssignmentTarget | Ast.SimpleAssignmentTarget;

const evaluateAssignment = (unit: Unit, scope: Scope, node: Ast.AssignmentExpression): Value => {
  const operator = node.operator.slice(0, -1);
  if (operator === "&&" || operator === "||" || operator === "??")
    return unit.refuse("HM1001", `${node.operator} has no meaning in a kernel program; write an if`, node);
  return assign(unit, scope, node.left, node, (old) => {
    const right = evaluateExpression(unit, scope, node.right);
    unit.at(node);
    return operator === "" ? right : applyOperator(unit, operator, old(), right, node);
  }).now;
};

const evaluateUpdate = (unit: Unit, scope: Scope, node: Ast.UpdateExpression): Value => {
  const { before, now } = assign(unit, scope, node.argument, node, (old) => {
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

/** Evaluates the target once, computes the new value (which may ask for the old one) and assigns it. */
const assign = (
  unit: Unit,
  scope: Scope,
  target: Target,
  node: { start: number },
  compute: (old: () => Value) => Value,
): { before: Value; now: Value } => {
  let before: Value = undefinedValue;
  const keep = (value: Value): Value => (before = value);
  switch (target.type) {
    case "Identifier": {
      const now = compute(() => keep(readName(unit, scope, target)));
      const variable = scope.find(target.name);
      if (variable === undefined)
        return unit.refuse(
          "HM1302",
          `${target.name} is a constant of the module; a kernel program changes only its own variables, maps and global variables`,
          target,
        );
      if (unit.builder.reachable) unit.builder.state.set(unit.variables, variable, now);
      return { before, now };
    }
    case "MemberExpression": {
      const object = evaluateExpression(unit, scope, target.object);
      if (target.computed) {
        const index = evaluateExpression(unit, scope, target.property);
        const now = compute(() => keep(readIndex(unit, object, index, target)));
        if (unit.builder.reachable) writeIndex(unit, object, index, now, target.property);
        return { before, now };
      }
      if (target.property.type === "PrivateIdentifier")
        return unit.refuse("HM1001", "a private name has no meaning in a kernel program", target);
      const { name } = target.property;
      const now = compute(() => keep(readMember(unit, object, name, target.property)));
      if (unit.builder.reachable) writeMember(unit, object, name, now, target.property);
      return { before, now };
    }
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
    case "TSTypeAssertion":
      return assign(unit, scope, target.expression as Target, node, compute);
    default:
      return unit.refuse("HM1302", "only a name, a field or an element can be assigned to", node);
  }
};

const evaluateObject = (unit: Unit, scope: Scope, node: Ast.ObjectExpression): Value => {
  const fields = new Map<string, Value>();
  for (const property of node.properties) {
    if (property.type === "SpreadElement") {
      const spread = evaluateExpression(unit, scope, property.argument);
      if (spread.kind === "object") for (const [name, value] of spread.fields) fields.set(name, value);
      else if (isStatic(spread))
        for (const [name, value] of Object.entries(Object(spread.value) as object)) fields.set(name, statik(value));
      else return unit.refuse("HM1004", `${describe(spread)} cannot be spread`, property);
      continue;
    }
    const key = property.computed ? evaluateExpression(unit, scope, property.key as Ast.Expression) : null;
    const name =
      key !== null
        ? isStatic(key)
          ? String(key.value)
          : null
        : property.key.type === "Identifier"
          ? property.key.name
          : property.key.type === "Literal"
            ? String(property.key.value)
            : null;
    if (name === null) return unit.refuse("HM1004", "a property's name must be known while compiling", property);
    fields.set(name, evaluateExpression(unit, scope, property.value));
  }
  const values = [...fields.values()];
  if (values.every(isStatic))
    return statik(Object.fromEntries([...fields].map(([name, value]) => [name, (value as { value: unknown }).value])));
  return { kind: "object", fields };
};

const evaluateArray = (unit: Unit, scope: Scope, node: Ast.ArrayExpression): Value => {
  const items: unknown[] = [];
  for (const element of node.elements) {
    if (element === null) return unit.refuse("HM1001", "a hole in an array has no meaning here", node);
    const value = evaluateExpression(unit, scope, element.type === "SpreadElement" ? element.argument : element);
    if (!isStatic(value)) return unit.refuse("HM1004", "an array must be known while compiling", element);
    if (element.type === "SpreadElement") items.push(...(value.value as unknown[]));
    else items.push(value.value);
  }
  return statik(items);
};

const evaluateTemplate = (unit: Unit, scope: Scope, node: Ast.TemplateLiteral): Value => {
  let text = "";
  node.quasis.forEach((part, at) => {
    text += part.value.cooked ?? "";
    const expression = node.expressions[at];
    if (expression === undefined) return;
    const value = evaluateExpression(unit, scope, expression);
    if (!isStatic(value)) return unit.refuse("HM1001", "a string has no meaning at run time", expression);
    text += String(value.value);
  });
  return statik(text);
};
