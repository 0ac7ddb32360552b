/** Expressions. What is known while compiling is computed by JavaScript itself; the rest becomes SSA. */
import type { Ast } from "../source/parse.ts";
import { arrayOf } from "./arrays.ts";
import { evaluateAssignment, evaluateUpdate } from "./assignments.ts";
import { evaluateCall } from "./calls.ts";
import { evaluateChain, evaluateNullish, isChainComparison, requireLink } from "./chains.ts";
import { evaluateConditional, evaluateLogical, evaluateNot, evaluateTruth } from "./conditions.ts";
import { readElements } from "./fields.ts";
import { bitwiseNot, negative } from "./integer-operations.ts";
import { numberOf } from "./select.ts";
import { readIndex, readMember } from "./members.ts";
import { readName } from "./names.ts";
import { settled } from "./maybe.ts";
import { operatorOf } from "./operator-place.ts";
import { applyOperator } from "./operators.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, undefinedValue, type Value } from "./values.ts";

export const evaluateExpression = (unit: Unit, scope: Scope, node: Ast.Expression): Value => {
  if (!unit.builder.reachable) return undefinedValue;
  switch (node.type) {
    case "NewExpression":
      return unit.refuse("HM1001", newAdvice(node), node);
    case "Literal":
      if ("regex" in node)
        return unit.refuse(
          "HM1001",
          "a regular expression has no meaning in a kernel program; compare numbers, or the elements of an array field",
          node,
        );
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
      return (node.operator === "??" ? evaluateNullish : evaluateLogical)(unit, scope, node);
    case "ChainExpression":
      return evaluateChain(unit, scope, node);
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
      return evaluateExpression(unit, scope, node.expression);
    case "SequenceExpression":
      return node.expressions.map((part) => evaluateExpression(unit, scope, part)).at(-1) ?? undefinedValue;
    default:
      return unit.refuse(
        "HM1001",
        `${words[node.type] ?? `${node.type} has no meaning in a kernel program; write it with operators, calls and fields`}`,
        node,
      );
  }
};

const words: Readonly<Record<string, string>> = {
  AwaitExpression: "await has no meaning in a kernel program, where nothing can be waited for; take it out",
  YieldExpression: "yield has no meaning in a kernel program; return a value",
  ThisExpression: "this has no meaning in a kernel program; give the function a parameter",
  ClassExpression: "a class has no meaning in a kernel program; use functions and object literals",
  TaggedTemplateExpression: "a tagged template has no meaning in a kernel program; call a function",
};

const containers = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array"]);

const newAdvice = ({ callee }: Ast.NewExpression): string => {
  const name = callee.type === "Identifier" ? callee.name : "";
  if (containers.has(name))
    return `new ${name} has no meaning here: a kernel program keeps its state in maps: declare one at the module's top level with ${name === "Array" ? "arrayMap" : "hashMap"}(…)`;
  if (name === "DataView" || /^(?:Big)?(?:Ui|I)nt\d+Array$/.test(name))
    return `new ${name} has no meaning here: bytes are described with header(…) or struct(…) and read with ctx.packet.at(layout, offset)`;
  return "new has no meaning in a kernel program; make the object at the module's top level";
};

const unaryAdvice: Readonly<Record<string, string>> = {
  "+": "; convert with Number(…)",
  typeof: "; its type is known while you write",
  delete: "; fields stay, write 0 into it",
};

const typeWords: Readonly<Record<string, string>> = { integer: "number", boolean: "boolean", wide: "string" };

const evaluateMember = (unit: Unit, scope: Scope, node: Ast.MemberExpression): Value => {
  let object = evaluateExpression(unit, scope, node.object);
  if (node.optional) {
    requireLink(unit, object);
    object = settled(unit, object);
  }
  if (!unit.builder.reachable) return undefinedValue;
  if (node.computed) return readIndex(unit, object, evaluateExpression(unit, scope, node.property), node.property);
  if (node.property.type === "PrivateIdentifier")
    return unit.refuse(
      "HM1001",
      "a private name has no meaning in a kernel program; use a name without #",
      node.property,
    );
  return readMember(unit, object, node.property.name, node.property);
};

const evaluateBinary = (unit: Unit, scope: Scope, node: Ast.BinaryExpression | Ast.PrivateInExpression): Value => {
  if (node.left.type === "PrivateIdentifier")
    return unit.refuse("HM1001", "a private name has no meaning in a kernel program; use a name without #", node);
  if (isChainComparison(node)) return evaluateTruth(unit, scope, node);
  const left = evaluateExpression(unit, scope, node.left as Ast.Expression);
  const right = evaluateExpression(unit, scope, node.right);
  if (!unit.builder.reachable) return undefinedValue;
  const place = operatorOf(unit, node);
  unit.at(place);
  return applyOperator(unit, node.operator, left, right, place);
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
        return unit.refuse("HM1001", `${node.operator} has no meaning in a kernel program; write it another way`, node);
    }
  }
  if (node.operator === "-") return negative(unit, value);
  if (node.operator === "~") return bitwiseNot(unit, value);
  if (node.operator === "+" && (value.kind === "boolean" || (value.kind === "integer" && value.type === "number")))
    return value.kind === "boolean" ? numberOf(unit, value) : value;
  if (node.operator === "typeof" && Object.hasOwn(typeWords, value.kind))
    return statik(value.kind === "integer" ? value.type : typeWords[value.kind]);
  return unit.refuse(
    "HM1001",
    `${node.operator} has no meaning on ${describe(value)}${unaryAdvice[node.operator] ?? ""}`,
    node,
  );
};

const evaluateObject = (unit: Unit, scope: Scope, node: Ast.ObjectExpression): Value => {
  const fields = new Map<string, Value>();
  for (const property of node.properties) {
    if (property.type === "SpreadElement") {
      const spread = evaluateExpression(unit, scope, property.argument);
      if (spread.kind === "object") for (const [name, value] of spread.fields) fields.set(name, value);
      else if (isStatic(spread))
        for (const [name, value] of Object.entries(Object(spread.value) as object)) fields.set(name, statik(value));
      else return unit.refuse("HM1004", `${describe(spread)} cannot be spread; write the fields one by one`, property);
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
    if (property.kind !== "init")
      return unit.refuse(
        "HM1001",
        `a ${property.kind}ter has no meaning in a kernel program; write a property, or a function that is called`,
        property,
      );
    if (name === null)
      return unit.refuse("HM1004", "a property's name must be known while compiling; write it out", property);
    fields.set(name, evaluateExpression(unit, scope, property.value));
  }
  const values = [...fields.values()];
  if (values.every(isStatic))
    return statik(Object.fromEntries([...fields].map(([name, value]) => [name, (value as { value: unknown }).value])));
  return { kind: "object", fields };
};

const evaluateArray = (unit: Unit, scope: Scope, node: Ast.ArrayExpression): Value => {
  const items: Value[] = [];
  for (const element of node.elements) {
    if (element === null)
      return unit.refuse("HM1001", "a hole in an array has no meaning here; write a value in its place", node);
    const value = evaluateExpression(unit, scope, element.type === "SpreadElement" ? element.argument : element);
    if (element.type !== "SpreadElement") items.push(value);
    else if (value.kind === "array") items.push(...value.items);
    else if (value.kind === "elements") items.push(...readElements(unit, value));
    else if (isStatic(value)) items.push(...Array.from(value.value as Iterable<unknown>, statik));
    else return unit.refuse("HM1004", `${describe(value)} cannot be spread; write the elements one by one`, element);
  }
  return arrayOf(items);
};

const evaluateTemplate = (unit: Unit, scope: Scope, node: Ast.TemplateLiteral): Value => {
  let text = "";
  node.quasis.forEach((part, at) => {
    text += part.value.cooked ?? "";
    const expression = node.expressions[at];
    if (expression === undefined) return;
    const value = evaluateExpression(unit, scope, expression);
    if (!isStatic(value))
      return unit.refuse(
        "HM1001",
        "a string has no meaning at run time; use a number, or put texts that are known into a table at the module's top level",
        expression,
      );
    text += String(value.value);
  });
  return statik(text);
};
