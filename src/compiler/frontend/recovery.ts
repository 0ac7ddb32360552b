/**
 * Going on behind what was refused. A statement that was refused is taken as one of which nothing is known: names that it
 * declares or assigns hold {@link refusedValue}, whose use is refused without a word. A test that was refused goes both
 * ways. What becomes of this is never a program.
 */
import type { Ast } from "../source/parse.ts";
import { jump, type Label } from "./flow.ts";
import { assignedNames, boundNames, mentionedNames } from "./node-names.ts";
import { forgetOpenRecords } from "./records.ts";
import { toldAlready } from "./refusals.ts";
import type { Scope, Variable } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { isStatic, refusedValue, type ConflictValue, type Value } from "./values.ts";

/** A place to go on from, as if what comes next had not been there. */
export class Checkpoint {
  readonly #unit: Unit;
  readonly #mark;
  readonly #module;
  readonly #depth;
  readonly #chain;
  readonly #inLoopTest;
  readonly #loopDepth;
  readonly #iterators;
  readonly #callers;

  constructor(unit: Unit) {
    this.#unit = unit;
    this.#mark = unit.builder.state.mark();
    this.#module = unit.module;
    this.#depth = unit.depth;
    this.#chain = unit.chain;
    this.#inLoopTest = unit.inLoopTest;
    this.#loopDepth = unit.builder.loopDepth;
    this.#iterators = unit.iterators.length;
    this.#callers = unit.callers.length;
  }

  /** Keeps what was refused while evaluating `node`, and goes back. Throws what is no refusal, or the last. */
  recover(error: unknown, scope: Scope, node: Ast.Node): void {
    const unit = this.#unit;
    unit.refusals.keep(error, () => variablesOf(scope, mentionedNames(node)));
    const { builder } = unit;
    builder.state.undo(this.#mark);
    builder.loopDepth = this.#loopDepth;
    builder.block = builder.newBlock();
    unit.module = this.#module;
    unit.depth = this.#depth;
    unit.chain = this.#chain;
    unit.blamed = null;
    unit.assigned = null;
    unit.inLoopTest = this.#inLoopTest;
    unit.iterators.length = this.#iterators;
    unit.callers.length = this.#callers;
    forgetOpenRecords(unit);
  }
}

/** After a statement was refused: what it would have changed is not known. */
export const forgetStatement = (unit: Unit, scope: Scope, node: Ast.Statement): void => {
  if (node.type === "VariableDeclaration")
    for (const { id } of node.declarations)
      for (const name of boundNames(id)) put(unit, scope.declare(name, node.kind !== "let"));
  else if (node.type !== "ExpressionStatement") unit.refusals.hasHole = true;
  for (const name of assignedNames(node)) put(unit, scope.find(name));
  if (node.type === "ReturnStatement" || node.type === "ThrowStatement") leaveFunction(unit, scope);
};

const put = (unit: Unit, variable: Variable | undefined): void => {
  if (variable === undefined) return;
  if (variable.reassigned) unit.builder.state.set(unit.variables, variable, refusedValue);
  else variable.value ??= refusedValue;
};

const leaveFunction = (unit: Unit, scope: Scope): void => {
  const exit = [...scope.ofFunction()].at(-1)?.targets.exit;
  if (exit !== undefined && exit.label !== null) jump(unit, exit.label, refusedValue);
  unit.builder.block = null;
};

/** After a test was refused: it may come out either way, and what it asks about stays unproven. */
export const goEitherWay = (unit: Unit, scope: Scope, test: Ast.Expression, labels: readonly Label[]): void => {
  for (const variable of variablesOf(scope, mentionedNames(test))) {
    const value = variable.value ?? unit.builder.state.get(unit.variables, variable);
    if (value !== undefined && mayBeProven(value)) unit.refusals.doubted.add(variable);
  }
  for (const label of labels) {
    unit.builder.block = unit.builder.newBlock();
    jump(unit, label);
  }
};

const variablesOf = (scope: Scope, names: Iterable<string>): Variable[] =>
  [...names].map((name) => scope.find(name)).filter((variable) => variable !== undefined);

const mayBeProven = (value: Value): boolean =>
  !isStatic(value) && value.kind !== "context" && value.kind !== "packet" && value.kind !== "closure";

/** What a statement makes of variables in doubt is in doubt, too. */
export const spreadDoubt = (unit: Unit, scope: Scope, node: Ast.Statement): void => {
  if (node.type !== "VariableDeclaration" && node.type !== "ExpressionStatement") return;
  const { refusals } = unit;
  if (!refusals.isDoubted(() => variablesOf(scope, mentionedNames(node)))) return;
  const names =
    node.type === "ExpressionStatement" ? assignedNames(node) : node.declarations.flatMap(({ id }) => boundNames(id));
  for (const variable of variablesOf(scope, names)) refusals.doubted.add(variable);
};

/** Refuses the use of what differs at run time: told where it is used first. */
export const refuseConflict = (unit: Unit, value: ConflictValue, node?: { readonly start: number }): never => {
  const { used } = unit.refusals;
  if (used.has(value)) throw toldAlready;
  used.add(value);
  return unit.refuse("HM1301", value.message, node);
};

/** Stops evaluating a loop of which something was refused since `met`: its other rounds have nothing to add. */
export const requireWhole = (unit: Unit, met: number): void => {
  if (unit.refusals.met > met) throw toldAlready;
};
