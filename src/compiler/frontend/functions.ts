/** Functions are inlined: arguments become the names of the parameters, `return` jumps behind the call. */
import type { Ast } from "../source/parse.ts";
import { arrayOf } from "./arrays.ts";
import { Label, bind, jump } from "./flow.ts";
import { assignedNames } from "./node-names.ts";
import { bindPattern } from "./patterns.ts";
import { toldAlready } from "./refusals.ts";
import { Scope, type Targets } from "./scope.ts";
import { executeBlock } from "./statements.ts";
import type { InlineFunction, Unit } from "./unit.ts";
import { undefinedValue, type Value } from "./values.ts";

const MAX_DEPTH = 128;

export const inlineCall = (unit: Unit, fn: InlineFunction, args: readonly Value[]): Value => {
  if (unit.depth >= MAX_DEPTH)
    unit.refuse(
      "HM1008",
      `calls go more than ${MAX_DEPTH} deep here; let recursion end by what is known while compiling, or write a loop`,
    );
  // Whatever was to end the recursion may have been refused.
  if (unit.refusals.met > 0 && unit.callers.includes(fn.node)) throw toldAlready;
  const { module } = unit;
  const position = unit.builder.position;
  const exit = new Label(unit);
  unit.depth++;
  unit.callers.push(fn.node);
  unit.module = fn.module;
  const value = runBody(unit, fn, args, { exit: { label: exit } });
  const result = value ?? (jump(unit, exit), bind(unit, exit));
  unit.module = module;
  unit.depth--;
  unit.builder.position = position;
  unit.callers.pop();
  if (result.kind === "refused") throw toldAlready;
  return result;
};

/** Evaluates a function's body. The value of an expression body; null when the body is a block, which returns by jumping. */
export const runBody = (unit: Unit, fn: InlineFunction, args: readonly Value[], targets: Targets): Value | null => {
  if (fn.node.async || ("generator" in fn.node && fn.node.generator))
    unit.refuse("HM1001", "an async or generator function has no meaning in a kernel program; write a plain one");
  const scope = new Scope(fn.scope, assignedNames(fn.node), fn.captures, targets);
  fn.node.params.forEach((parameter, at) => {
    if (parameter.type === "RestElement") return bindPattern(unit, scope, parameter.argument, arrayOf(args.slice(at)));
    if (parameter.type === "TSParameterProperty") return;
    if (parameter.type === "Identifier" && parameter.name === "this") return;
    bindPattern(unit, scope, parameter, args[at] ?? undefinedValue);
  });
  if (fn.node.type === "FunctionExpression" && fn.node.id !== null) {
    scope.declare(fn.node.id.name, true).value = { kind: "closure", node: fn.node, module: fn.module, scope };
  }
  const { body } = fn.node;
  if (body === null) return undefinedValue;
  if (body.type !== "BlockStatement") return unit.evaluator.expression(unit, scope, body as Ast.Expression);
  executeBlock(unit, scope, (body as Ast.FunctionBody).body);
  return null;
};

/** Values of a function's free names, read once a program. */
export const capturesOf = (
  unit: Unit,
  fn: object,
  source: { captures: () => Readonly<Record<string, unknown>> },
): Readonly<Record<string, unknown>> => {
  let captures = unit.captures.get(fn);
  if (captures === undefined) unit.captures.set(fn, (captures = source.captures()));
  return captures;
};
