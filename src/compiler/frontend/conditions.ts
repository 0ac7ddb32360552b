/** Conditions: `&&`, `||` and `!` become control flow, so that each comparison's proof holds where it should. */
import type { Ast } from "../source/parse.ts";
import { compareChain, isChainComparison } from "./chains.ts";
import { negate, truth } from "./comparisons.ts";
import { Label, bind, decide, jump } from "./flow.ts";
import { operatorOf } from "./operator-place.ts";
import { Checkpoint, goEitherWay } from "./recovery.ts";
import { toldAlready } from "./refusals.ts";
import type { Scope } from "./scope.ts";
import type { Evaluator, Unit } from "./unit.ts";
import { isStatic, nullValue, statik, type Value } from "./values.ts";

export const evaluateCondition = (
  unit: Unit,
  scope: Scope,
  node: Ast.Expression,
  whenTrue: Label,
  whenFalse: Label,
): void => {
  if (!unit.builder.reachable) return;
  if (node.type === "UnaryExpression" && node.operator === "!")
    return evaluateCondition(unit, scope, node.argument, whenFalse, whenTrue);
  if (node.type === "LogicalExpression" && node.operator !== "??") {
    const next = new Label(unit);
    if (node.operator === "&&") evaluateCondition(unit, scope, node.left, next, whenFalse);
    else evaluateCondition(unit, scope, node.left, whenTrue, next);
    bind(unit, next);
    return evaluateCondition(unit, scope, node.right, whenTrue, whenFalse);
  }
  const here = new Checkpoint(unit);
  try {
    evaluateTest(unit, scope, node, whenTrue, whenFalse);
  } catch (error) {
    here.recover(error, scope, node);
    goEitherWay(unit, scope, node, [whenTrue, whenFalse]);
  }
};

const evaluateTest: Evaluator["condition"] = (unit, scope, node, whenTrue, whenFalse): void => {
  if (isChainComparison(node)) return compareChain(unit, scope, node, whenTrue, whenFalse);
  if (node.type === "AssignmentExpression" && node.operator === "=") {
    // In parentheses of its own it is meant.
    unit.report("HM1110", "this assigns, and compares nothing; write ===", operatorOf(unit, node));
    throw toldAlready;
  }
  const value = unit.evaluator.expression(unit, scope, node);
  if (!unit.builder.reachable) return;
  unit.at(node);
  decide(unit, truth(unit, value), whenTrue, whenFalse);
};

/** A test as a value. */
export const booleanValue = (test: ReturnType<typeof truth>): Value =>
  typeof test === "boolean" ? statik(test) : { kind: "boolean", test };

/** `a && b` and `a || b` as values. */
export const evaluateLogical = (unit: Unit, scope: Scope, node: Ast.LogicalExpression): Value => {
  const [whenTrue, whenFalse, end] = [new Label(unit), new Label(unit), new Label(unit)];
  const goesOn = node.operator === "&&";
  // Of a boolean, the branch decides the value; anything else stands for itself where it decides.
  let decided: Value = statik(!goesOn);
  if (isBooleanExpression(node.left)) evaluateCondition(unit, scope, node.left, whenTrue, whenFalse);
  else {
    const left = unit.evaluator.expression(unit, scope, node.left);
    if (left.kind !== "boolean") decided = goesOn ? falsyPart(left) : left;
    const test = truth(unit, left);
    decide(unit, test, whenTrue, whenFalse);
  }
  for (const [label, outcome] of [
    [whenTrue, true],
    [whenFalse, false],
  ] as const) {
    bind(unit, label);
    if (!unit.builder.reachable) continue;
    const value = outcome === goesOn ? unit.evaluator.expression(unit, scope, node.right) : decided;
    jump(unit, end, value);
  }
  return bind(unit, end);
};

/** What a value is where it is taken for false. */
const falsyPart = (value: Value): Value => {
  switch (value.kind) {
    case "view":
    case "kernel":
      return nullValue;
    case "integer":
      return statik(value.type === "number" ? 0 : 0n);
    case "maybe": {
      const isZero = value.value.kind === "integer" || value.value.kind === "boolean" || isStatic(value.value);
      return isZero ? value : statik(value.missing);
    }
    default:
      return value;
  }
};

const comparisons = new Set<string>(["===", "!==", "<", "<=", ">", ">="]);

/** Whether an expression's form alone says that it is true or false. */
const isBooleanExpression = (node: Ast.Expression): boolean => {
  if (node.type === "BinaryExpression") return comparisons.has(node.operator);
  if (node.type === "UnaryExpression") return node.operator === "!";
  return (
    node.type === "LogicalExpression" &&
    node.operator !== "??" &&
    isBooleanExpression(node.left) &&
    isBooleanExpression(node.right)
  );
};

/** A condition as a value. */
export const evaluateTruth = (unit: Unit, scope: Scope, node: Ast.Expression): Value => {
  const [whenTrue, whenFalse, end] = [new Label(unit), new Label(unit), new Label(unit)];
  evaluateCondition(unit, scope, node, whenTrue, whenFalse);
  bind(unit, whenTrue);
  jump(unit, end, statik(true));
  bind(unit, whenFalse);
  jump(unit, end, statik(false));
  return bind(unit, end);
};

export const evaluateConditional = (unit: Unit, scope: Scope, node: Ast.ConditionalExpression): Value => {
  const [whenTrue, whenFalse, end] = [new Label(unit), new Label(unit), new Label(unit)];
  evaluateCondition(unit, scope, node.test, whenTrue, whenFalse);
  for (const [label, side] of [
    [whenTrue, node.consequent],
    [whenFalse, node.alternate],
  ] as const) {
    bind(unit, label);
    if (!unit.builder.reachable) continue;
    const value = unit.evaluator.expression(unit, scope, side);
    jump(unit, end, value);
  }
  return bind(unit, end);
};

export const evaluateNot = (unit: Unit, scope: Scope, node: Ast.UnaryExpression): Value => {
  const value = unit.evaluator.expression(unit, scope, node.argument);
  return booleanValue(negate(truth(unit, value)));
};
