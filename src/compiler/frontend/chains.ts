/** What may be missing: `a?.b`, `a ?? b`, and a chain's comparison with something that is there. */
import type { Ast } from "../source/parse.ts";
import { equality, negate } from "./comparisons.ts";
import { Label, bind, branch, decide, jump } from "./flow.ts";
import { isThereTest, settled } from "./maybe.ts";
import { operatorOf } from "./operator-place.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, undefinedValue, type Value } from "./values.ts";
import { isNullTest } from "./views.ts";

/** The value of `object?.…`: undefined where something before a `?.` is missing. */
export const evaluateChain = (unit: Unit, scope: Scope, node: Ast.ChainExpression): Value => {
  const end = new Label(unit);
  const missing = new Label(unit);
  const there = withChain(unit, scope, node, missing);
  jump(unit, end, there);
  bind(unit, missing);
  jump(unit, end, undefinedValue);
  const value = bind(unit, end);
  return value.kind === "conflict" ? { kind: "conflict", message: chainAdvice(there) } : value;
};

/** Of what is undefined where something in a chain is missing. */
const chainAdvice = (there: Value): string =>
  `this is ${describe(there)} or undefined, depending on the path; test for null what stands before the ?.`;

/** In front of `?.`: leaves for the end of the chain when `object` is missing. */
export const requireLink = (unit: Unit, object: Value): void => {
  const { chain } = unit;
  if (chain === null) throw new Error("an optional link outside a chain");
  leaveWhenMissing(unit, object, chain);
};

export const evaluateNullish = (unit: Unit, scope: Scope, node: Ast.LogicalExpression): Value => {
  const end = new Label(unit);
  const missing = new Label(unit);
  const { left } = node;
  const value =
    left.type === "ChainExpression"
      ? withChain(unit, scope, left, missing)
      : unit.evaluator.expression(unit, scope, left);
  leaveWhenMissing(unit, value, missing);
  jump(unit, end, settled(unit, value));
  bind(unit, missing);
  if (unit.builder.reachable) jump(unit, end, unit.evaluator.expression(unit, scope, node.right));
  return bind(unit, end);
};

/** A comparison with a chain on a side of it: one that can be told where the chain ends early, too. */
export type ChainComparison = Ast.BinaryExpression & { readonly operator: "===" | "!==" };

export const isChainComparison = (node: Ast.Expression): node is ChainComparison =>
  node.type === "BinaryExpression" &&
  (node.operator === "===" || node.operator === "!==") &&
  (node.left.type === "ChainExpression" || node.right.type === "ChainExpression");

/** `chain === x` and its like as a condition: what is missing equals nothing that is there. */
export const compareChain = (
  unit: Unit,
  scope: Scope,
  node: ChainComparison,
  whenTrue: Label,
  whenFalse: Label,
): void => {
  const compareRight = (left: Value): void =>
    either(unit, scope, node.right, (right) => {
      unit.at(operatorOf(unit, node));
      decide(unit, equality(unit, node.operator, left, right), whenTrue, whenFalse);
    });
  either(unit, scope, node.left as Ast.Expression, compareRight);
};

/** Goes on with an expression's value, and with undefined where it is a chain that ends early. */
const either = (unit: Unit, scope: Scope, node: Ast.Expression, goOn: (value: Value) => void): void => {
  const missing = new Label(unit);
  const value =
    node.type === "ChainExpression"
      ? withChain(unit, scope, node, missing)
      : unit.evaluator.expression(unit, scope, node);
  if (unit.builder.reachable) goOn(value);
  bind(unit, missing);
  if (unit.builder.reachable) goOn(undefinedValue);
};

const withChain = (unit: Unit, scope: Scope, node: Ast.ChainExpression, missing: Label): Value => {
  const outer = unit.chain;
  unit.chain = missing;
  const value = unit.evaluator.expression(unit, scope, node.expression);
  unit.chain = outer;
  return value;
};

/** Goes to `missing` where there is no value. */
export const leaveWhenMissing = (unit: Unit, value: Value, missing: Label): void => {
  if (isStatic(value)) {
    if (value.value === null || value.value === undefined) jump(unit, missing);
    return;
  }
  if (value.kind !== "view" && value.kind !== "kernel" && value.kind !== "maybe") return;
  const test = value.kind === "maybe" ? negate(isThereTest(unit, value)) : isNullTest(unit, value);
  if (test === true) jump(unit, missing);
  if (typeof test === "boolean") return;
  const present = new Label(unit);
  branch(unit, test, missing, present);
  bind(unit, present);
};
