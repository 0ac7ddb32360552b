/** Calls: of the kernel's vocabulary, of functions to inline, and of JavaScript's own on constants. */
import { subprogramOf } from "../../kernel/subprogram.ts";
import { sourceOf } from "../../kernel/source.ts";
import { isRepeatable } from "../kept/known-functions.ts";
import { functionAt, type Ast } from "../source/parse.ts";
import { callArrayMethod } from "./array-methods.ts";
import { itemsOf } from "./arrays.ts";
import { changesConstant } from "./changing-calls.ts";
import { declaresInFunction } from "./declarations.ts";
import { roundedDivision, type Rounding } from "./division.ts";
import { hasEffectOnly, isFleeting, isOtherEachTime } from "./fleeting-calls.ts";
import { capturesOf } from "./functions.ts";
import { intrinsics } from "./intrinsics/index.ts";
import { CompileError } from "../diagnostics.ts";
import { noSource, noSuchMethod } from "./no-such-method.ts";
import { operatorOf } from "./operator-place.ts";
import { refuseConflict } from "./recovery.ts";
import type { Scope } from "./scope.ts";
import { callSubprogram } from "./subprograms.ts";
import type { Unit } from "./unit.ts";
import {
  describe,
  isStatic,
  statik,
  undefinedValue,
  type ClosureValue,
  type StaticValue,
  type Value,
} from "./values.ts";

export const evaluateCall = (unit: Unit, scope: Scope, node: Ast.CallExpression): Value => {
  const { callee } = node;
  const fn = unit.evaluator.expression(unit, scope, callee);
  if (isStatic(fn) && fn.value === undefined && callee.type === "MemberExpression" && !callee.computed)
    requireMethod(unit, scope, callee);
  const fnValue: unknown = fn.kind === "static" ? fn.value : fn.kind === "method" ? fn.fn : undefined;
  const [first] = node.arguments;
  // A division is exact only where it is rounded at once: Math.trunc(a / b).
  const rounding = roundings.get(fnValue);
  if (rounding !== undefined && first?.type === "BinaryExpression" && first.operator === "/") {
    const left = unit.evaluator.expression(unit, scope, first.left as Ast.Expression);
    const right = unit.evaluator.expression(unit, scope, first.right);
    unit.at(operatorOf(unit, first));
    if (isStatic(left) && isStatic(right) && typeof left.value === "number" && typeof right.value === "number")
      return statik(Math[rounding](left.value / right.value));
    return roundedDivision(unit, rounding, left, right);
  }
  const args: Value[] = [];
  const places: Ast.Argument[] = [];
  for (const argument of node.arguments) {
    if (argument.type !== "SpreadElement") {
      args.push(unit.evaluator.expression(unit, scope, argument));
      places.push(argument);
      continue;
    }
    const spread = unit.evaluator.expression(unit, scope, argument.argument);
    const items = itemsOf(spread);
    if (items === null)
      return unit.refuse("HM1004", `${describe(spread)} cannot be spread; write the arguments one by one`, argument);
    args.push(...items);
    places.push(...items.map(() => argument));
  }
  if (!unit.builder.reachable) return undefinedValue;
  unit.at(node);
  const result = applyFunction(unit, fn, args, { node, places });
  unit.blamed = null;
  return result;
};

const roundings: ReadonlyMap<unknown, Rounding> = new Map(
  (["trunc", "floor", "ceil", "round"] as const).map((name) => [Math[name], name]),
);

/** Refuses a method that the kernel's objects do not have, in words that name those that they have. */
const requireMethod = (unit: Unit, scope: Scope, { object, property }: Ast.MemberExpression): void => {
  if (property.type !== "Identifier" || !unit.builder.reachable) return;
  const text = unit.module.text.slice(object.start, object.end);
  const message = noSuchMethod(unit.evaluator.expression(unit, scope, object), text, property.name);
  if (message !== undefined) return unit.refuse("HM1005", message, property);
};

/** How a call is written. */
interface WrittenCall {
  readonly node: Ast.CallExpression;
  /** Of each argument. */
  readonly places: readonly Ast.Argument[];
}

const applyFunction = (unit: Unit, fn: Value, args: readonly Value[], { node, places }: WrittenCall): Value => {
  if (fn.kind === "closure") {
    return unit.evaluator.call(unit, { node: fn.node, module: fn.module, scope: fn.scope, captures: null }, args);
  }
  if (fn.kind === "conflict") return refuseConflict(unit, fn, node);
  const callee: unknown = fn.kind === "static" ? fn.value : fn.kind === "method" ? fn.fn : undefined;
  if (typeof callee !== "function")
    return unit.refuse(
      "HM1006",
      `${describe(fn)} cannot be called; take the parentheses away, or call a function`,
      node,
    );
  const subprogram = subprogramOf(callee);
  if (subprogram !== undefined) return callSubprogram(unit, subprogram, args, { node, places });
  const receiver = fn.kind === "method" ? fn.receiver : undefinedValue;
  const written = callArrayMethod(unit, callee, receiver, args, (given, values) =>
    applyFunction(unit, given, values, { node, places: [] }),
  );
  if (written !== null) return written;
  const intrinsic = intrinsics.get(callee);
  const allStatic = isStatic(receiver) && args.every((arg) => isStatic(arg) || arg.kind === "closure");
  if (intrinsic !== undefined && !(allStatic && intrinsic.foldable))
    return intrinsic.apply({ unit, receiver, args, node, places });
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
  const fleeting = isFleeting(callee);
  if (fleeting !== undefined) return unit.refuse("HM1003", fleeting, node);
  if (!allStatic && itemsOf(receiver) !== null && changesConstant(callee, node))
    return unit.refuse(
      "HM1205",
      `${callee.name} would change an array, which stays as it was made; make a new one, as in [...items, item], or keep what changes in a map`,
      node,
    );
  if (!allStatic) return unit.refuse("HM1003", noSource(callee, receiver), node);
  const declares = declaresInFunction(callee);
  if (declares !== undefined) return unit.refuse("HM1001", declares, node);
  if (changesConstant(callee, node))
    return unit.refuse(
      "HM1205",
      `${callee.name} would change this once, while compiling, whatever happens at run time; do it at the module's top level, or keep what changes in a variable of the program or a map`,
      node,
    );
  const values = args.map((arg) => (arg.kind === "closure" ? undefined : (arg as StaticValue).value));
  if (unit.options.unrepeatable !== undefined && !isRepeatable(callee, values)) unit.options.unrepeatable();
  const isKnown = isRepeatable(callee, []);
  if (!isKnown && unit.unused.has(node)) return unit.refuse("HM1003", hasEffectOnly(callee), node);
  try {
    const call = (): unknown =>
      Reflect.apply(
        callee,
        receiver.value,
        args.map((arg, at) => (arg.kind === "closure" ? callback(unit, arg, node) : values[at])),
      );
    const result = call();
    // What is written in a kernel function is evaluated once.
    const changed = isKnown || !args.every(isStatic) ? undefined : isOtherEachTime(callee, result, call());
    return changed === undefined ? statik(result) : unit.refuse("HM1003", changed, node);
  } catch (error) {
    if (error instanceof CompileError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return unit.refuse(
      "HM1007",
      `${message}; this call runs while compiling, and threw that: change its arguments`,
      places.length === 1 ? places[0] : node,
    );
  }
};

/** A function written in a kernel function, for one of JavaScript's own to call while compiling: `prefixes.map((prefix) => …)`. */
const callback =
  (unit: Unit, { node, module, scope }: ClosureValue, place: { readonly start: number }) =>
  (...args: readonly unknown[]): unknown => {
    const value = unit.evaluator.call(unit, { node, module, scope, captures: null }, args.map(statik));
    if (isStatic(value)) return value.value;
    return unit.refuse(
      "HM1004",
      "this function's result must be known while compiling here; go over the array with for..of instead",
      place,
    );
  };
