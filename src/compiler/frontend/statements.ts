/** Statements: declarations, branches, switch, and the jumps out of them. Loops have their own file. */
import { programTypes } from "../program-types/index.ts";
import type { Ast } from "../source/parse.ts";
import type { Node } from "../ssa/ir.ts";
import { LESS_CODE } from "../diagnostics.ts";
import { refuseAbsent } from "./absent.ts";
import { equality, truth } from "./comparisons.ts";
import { Label, bind, decide, jump } from "./flow.ts";
import { executeForOf } from "./for-of.ts";
import { requireOwnVerdicts } from "./foreign-verdicts.ts";
import { executeDoWhile, executeFor, executeWhile } from "./loops.ts";
import { destroyIterator } from "./number-iterator.ts";
import { toInteger, within } from "./integers.ts";
import { requireThere } from "./maybe.ts";
import { applyOperator } from "./operators.ts";
import { bindPattern } from "./patterns.ts";
import { provable } from "./proofs.ts";
import { requireFinished } from "./records.ts";
import { Checkpoint, forgetStatement, goEitherWay, refuseConflict, spreadDoubt } from "./recovery.ts";
import { toldAlready } from "./refusals.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, undefinedValue, type Value } from "./values.ts";

/**
 * About 43,000 instructions, in two seconds. Jumps reach over 32,767, and the longest program of our own, IOAM's first node with
 * all its profiles, is a sixth of that: what gets longer was hardly meant, and is told so within half a second.
 */
const MAX_NODES = 65_536;

export const executeStatement = (unit: Unit, scope: Scope, node: Ast.Statement): void => {
  if (!unit.builder.reachable) return;
  const here = new Checkpoint(unit);
  try {
    execute(unit, scope, node);
    if (unit.builder.reachable) spreadDoubt(unit, scope, node);
  } catch (error) {
    here.recover(error, scope, node);
    forgetStatement(unit, scope, node);
  }
};

const execute = (unit: Unit, scope: Scope, node: Ast.Statement): void => {
  unit.at(node);
  if (unit.builder.size > MAX_NODES)
    return unit.refuse("HM1304", `this becomes more than ${MAX_NODES} operations; ${LESS_CODE}`, node);
  switch (node.type) {
    case "BlockStatement":
      return executeBlock(unit, scope.inner(), node.body);
    case "VariableDeclaration":
      return declare(unit, scope, node);
    case "ExpressionStatement":
      unit.unused.add(node.expression);
      unit.evaluator.expression(unit, scope, node.expression);
      return;
    case "IfStatement":
      return executeIf(unit, scope, node);
    case "ReturnStatement":
      return executeReturn(unit, scope, node);
    case "SwitchStatement":
      return executeSwitch(unit, scope, node, null);
    case "ForStatement":
      return executeFor(unit, scope, node, null);
    case "WhileStatement":
      return executeWhile(unit, scope, node, null);
    case "DoWhileStatement":
      return executeDoWhile(unit, scope, node, null);
    case "ForOfStatement":
      return executeForOf(unit, scope, node, null);
    case "LabeledStatement":
      return executeLabeled(unit, scope, node);
    case "BreakStatement":
      return leave(unit, scope, node, "breakTo");
    case "ContinueStatement":
      return leave(unit, scope, node, "continueTo");
    case "FunctionDeclaration":
    case "EmptyStatement":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return;
    case "TryStatement":
      unit.report(
        "HM1001",
        "try has no meaning in a kernel program, where nothing is thrown; write its body alone",
        node,
      );
      executeBlock(unit, scope.inner(), node.block.body);
      return node.finalizer === null ? undefined : executeBlock(unit, scope.inner(), node.finalizer.body);
    default:
      return unit.refuse(
        "HM1001",
        `${words[node.type] ?? `${node.type} has no meaning in a kernel program; only if, switch, loops and return are there`}`,
        node,
      );
  }
};

const words: Readonly<Record<string, string>> = {
  ThrowStatement: "throw has no meaning in a kernel program; return a verdict instead",
  ClassDeclaration: "a class has no meaning in a kernel program; use functions and object literals",
  ForInStatement:
    "for..in has no meaning in a kernel program; use for..of over a constant array, as in Object.keys(table)",
  DebuggerStatement: "debugger has no meaning in a kernel program; take it out",
  WithStatement: "with has no meaning in a kernel program; name the object each time",
};

/** Statements in order, functions declared among them first. */
export const executeBlock = (
  unit: Unit,
  scope: Scope,
  statements: readonly (Ast.Statement | Ast.Directive)[],
): void => {
  for (const statement of statements) {
    if (statement.type === "FunctionDeclaration" && statement.id !== null) {
      scope.declare(statement.id.name, true).value = { kind: "closure", node: statement, module: unit.module, scope };
    }
  }
  for (const statement of statements) {
    if (!unit.builder.reachable) return;
    executeStatement(unit, scope, statement as Ast.Statement);
  }
};

const declare = (unit: Unit, scope: Scope, node: Ast.VariableDeclaration): void => {
  if (node.kind === "var") unit.report("HM1001", "var has no meaning in a kernel program; write let or const", node);
  for (const { id, init } of node.declarations) {
    const value = init === null ? undefinedValue : unit.evaluator.expression(unit, scope, init);
    if (!unit.builder.reachable) return;
    bindPattern(unit, scope, id, value, node.kind !== "let");
  }
};

const executeIf = (unit: Unit, scope: Scope, node: Ast.IfStatement): void => {
  const [whenTrue, whenFalse, end] = [new Label(unit), new Label(unit), new Label(unit)];
  unit.evaluator.condition(unit, scope, node.test, whenTrue, whenFalse);
  bind(unit, whenTrue);
  executeStatement(unit, scope, node.consequent);
  jump(unit, end);
  bind(unit, whenFalse);
  if (node.alternate !== null) executeStatement(unit, scope, node.alternate);
  bind(unit, end);
};

const executeReturn = (unit: Unit, scope: Scope, node: Ast.ReturnStatement): void => {
  const value = node.argument === null ? undefinedValue : unit.evaluator.expression(unit, scope, node.argument);
  if (!unit.builder.reachable) return;
  unit.at(node);
  for (const { targets } of scope.ofFunction()) {
    if (targets.iterator !== undefined) destroyIterator(unit, targets.iterator);
    if (targets.exit === undefined) continue;
    if (targets.exit.label === null) {
      if (node.argument !== null) requireVerdict(unit, node.argument);
      return returnVerdict(unit, value, node.argument);
    }
    return jump(unit, targets.exit.label, value);
  }
};

/** Ends the program. `node`: where the verdict is written. */
export const returnVerdict = (unit: Unit, given: Value, node: Ast.Expression | null): void => {
  requireFinished(unit);
  unit.blamed = node;
  const value = requireThere(unit, given);
  if (value.kind === "conflict") return refuseConflict(unit, value);
  const { hasVerdict, largestVerdict, returns = 0 } = programTypes[unit.type];
  if (!hasVerdict) {
    if (isStatic(value) && value.value === undefined) return unit.builder.return(unit.builder.constant(returns));
    return unit.refuse(
      "HM1501",
      `a program of type ${unit.type} returns nothing, and this is ${describe(value)}; write return alone`,
    );
  }
  if (largestVerdict !== undefined)
    return unit.builder.return(provenVerdict(unit, value, largestVerdict(unit.purpose)));
  if (value.kind === "integer" && value.type === "number" && !value.wrapped) return unit.builder.return(value.node);
  if (isStatic(value) && Number.isInteger(value.value))
    return unit.builder.return(unit.builder.constant(value.value as number));
  refuseAbsent(unit, value);
  return unit.refuse(
    "HM1501",
    `a program returns its verdict, a number, not ${describe(value)}${verdictAdvice(unit, value)}`,
  );
};

/** Refuses a number that is written out and means nothing, or a name that means something else: the kernel would take it. */
export const requireVerdict = (unit: Unit, node: Ast.Expression): void => {
  requireOwnVerdicts(unit, node);
  const { verdicts } = programTypes[unit.type];
  const verdict = writtenNumber(node);
  if (verdicts === undefined || verdict === undefined) return;
  const { object, numbers, others = [] } = verdicts;
  if ([...Object.values(numbers), ...others].includes(verdict)) return;
  const all = Object.entries(numbers).map(([name, number]) => `${object}.${name} (${number})`);
  return unit.refuse("HM1501", `${verdict} is no verdict of ${unit.type}; return one of ${all.join(", ")}`, node);
};

const writtenNumber = (node: Ast.Expression): number | undefined => {
  if (node.type === "UnaryExpression" && node.operator === "-") {
    const number = writtenNumber(node.argument);
    return number === undefined ? undefined : -number;
  }
  return node.type === "Literal" && typeof node.value === "number" ? node.value : undefined;
};

const provenVerdict = (unit: Unit, value: Value, largest: bigint): Node => {
  const verdict = toInteger(unit, value);
  if (verdict?.type !== "number")
    return unit.refuse(
      "HM1501",
      `a program returns its verdict, a number, not ${describe(value)}${verdictAdvice(unit, value)}`,
    );
  if (verdict.wrapped || verdict.low < 0n || verdict.high > largest) {
    const where = verdict.low === verdict.high ? verdict.low : `in ${verdict.low}..${verdict.high}`;
    const { moreVerdicts } = programTypes[unit.type];
    const mayBeMore =
      moreVerdicts !== undefined && largest < moreVerdicts.largest && within(verdict, 0n, moreVerdicts.largest);
    const instead = mayBeMore
      ? `make the program with ${moreVerdicts.madeWith}, write condition ? 1 : 0, or mask it`
      : "mask it, or write condition ? 1 : 0";
    return unit.refuse(
      "HM1501",
      `a verdict of ${unit.type} is proven to lie in 0..${largest}, and this is ${where}; ${instead}`,
    );
  }
  return provable(unit, verdict, 0n, largest);
};

const executeSwitch = (unit: Unit, scope: Scope, node: Ast.SwitchStatement, name: string | null): void => {
  const discriminant = discriminantOf(unit, scope, node.discriminant);
  const end = new Label(unit);
  const labels = node.cases.map(() => new Label(unit));
  const inner = scope.inner({ breakTo: end, name });
  node.cases.forEach((clause, at) => {
    if (clause.test === null || !unit.builder.reachable) return;
    const next = new Label(unit);
    const here = new Checkpoint(unit);
    try {
      const value = unit.evaluator.expression(unit, inner, clause.test);
      if (discriminant === null) throw toldAlready;
      const test =
        discriminant.kind === "maybe"
          ? truth(unit, applyOperator(unit, "===", discriminant, value, clause.test))
          : equality(unit, "===", discriminant, value);
      decide(unit, test, labels[at] as Label, next);
    } catch (error) {
      here.recover(error, scope, clause.test);
      goEitherWay(unit, scope, node.discriminant, [labels[at] as Label, next]);
    }
    bind(unit, next);
  });
  const fallback = node.cases.findIndex((clause) => clause.test === null);
  jump(unit, fallback === -1 ? end : (labels[fallback] as Label));
  node.cases.forEach((clause, at) => {
    bind(unit, labels[at] as Label);
    executeBlock(unit, inner, clause.consequent);
  });
  bind(unit, end);
};

/** Null when it is refused. */
const discriminantOf = (unit: Unit, scope: Scope, node: Ast.Expression): Value | null => {
  const here = new Checkpoint(unit);
  try {
    return unit.evaluator.expression(unit, scope, node);
  } catch (error) {
    here.recover(error, scope, node);
    return null;
  }
};

const executeLabeled = (unit: Unit, scope: Scope, node: Ast.LabeledStatement): void => {
  const { body, label } = node;
  switch (body.type) {
    case "ForStatement":
      return executeFor(unit, scope, body, label.name);
    case "WhileStatement":
      return executeWhile(unit, scope, body, label.name);
    case "DoWhileStatement":
      return executeDoWhile(unit, scope, body, label.name);
    case "ForOfStatement":
      return executeForOf(unit, scope, body, label.name);
    case "SwitchStatement":
      return executeSwitch(unit, scope, body, label.name);
    case "LabeledStatement":
      return unit.refuse("HM1001", `two labels on one statement have no meaning here; take ${label.name} away`, label);
    default: {
      const end = new Label(unit);
      executeStatement(unit, scope.inner({ breakTo: end, name: label.name, isBlock: true }), body);
      bind(unit, end);
    }
  }
};

const leave = (
  unit: Unit,
  scope: Scope,
  node: Ast.BreakStatement | Ast.ContinueStatement,
  kind: "breakTo" | "continueTo",
): void => {
  const wanted = node.label?.name ?? null;
  for (const { targets } of scope.ofFunction()) {
    const label = targets[kind];
    const isWanted = wanted === null ? targets.isBlock !== true : targets.name === wanted;
    // A range's own break and continue leave it to the loop to destroy its iterator.
    if (label !== undefined && isWanted) return jump(unit, label);
    if (targets.iterator !== undefined) destroyIterator(unit, targets.iterator);
  }
  throw new Error("unreachable: a jump that the parser took leads somewhere");
};

const verdictAdvice = (unit: Unit, value: Value): string => {
  if (value.kind === "boolean" || (isStatic(value) && typeof value.value === "boolean"))
    return "; write condition ? one : other";
  if (value.kind === "integer" && value.type === "bigint") return "; convert with Number(…)";
  if (value.kind === "integer") return " that may be negative; write (…) >>> 0";
  const { verdicts } = programTypes[unit.type];
  if (!isStatic(value) || verdicts === undefined) return "";
  return `; return one of ${Object.keys(verdicts.numbers)
    .map((name) => `${verdicts.object}.${name}`)
    .join(", ")}`;
};
