/**
 * Loops. A loop whose course is known while compiling is unrolled: always over constant arrays, up to 32 rounds
 * otherwise. Any other becomes a loop of the kernel, which the verifier walks: its variables' ranges are found by
 * evaluating the body until they hold.
 */
import type { Ast } from "../source/parse.ts";
import { CompileError, type Diagnostic } from "../diagnostics.ts";
import type { Block, Node } from "../ssa/ir.ts";
import { anyRange, isWithin, union } from "../ssa/range.ts";
import { finalValues } from "../ssa/state.ts";
import { Label, bind } from "./flow.ts";
import { booleanOf, materialise } from "./select.ts";
import { SEEN_WIDENINGS, settle, type Carried, type Carry } from "./carried.ts";
import { grown, growthOf, isHalved } from "./growth.ts";
import { toInteger } from "./integers.ts";
import { assignmentTo, mentionedNames } from "./node-names.ts";
import type { NumberIterator } from "./number-iterator.ts";
import { requireSameRecords } from "./records.ts";
import { requireWhole } from "./recovery.ts";
import type { Scope, Variable } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { equalityAsBound, unknownRounds, type Course } from "./unbounded.ts";
import { describe, isStatic, type Value } from "./values.ts";

const MAX_UNROLLED = 32;
const MAX_CONSTANT_ROUNDS = 65_536;

type LoopStatement = Ast.ForStatement | Ast.WhileStatement | Ast.DoWhileStatement | Ast.ForOfStatement;

/** What all loops are made of. */
export interface Loop {
  readonly node: LoopStatement;
  readonly name: string | null;
  /** Goes on to another round or to the end; null: always to another round. */
  readonly test: ((again: Label, end: Label) => void) | null;
  readonly testFirst: boolean;
  readonly body: (scope: Scope) => void;
  readonly update: (() => void) | null;
  /** Of a `range()`: see {@link NumberIterator}. */
  readonly iterator: NumberIterator | null;
}

export const executeFor = (unit: Unit, outer: Scope, node: Ast.ForStatement, name: string | null): void => {
  const scope = outer.inner();
  if (node.init !== null) {
    if (node.init.type === "VariableDeclaration") unit.evaluator.statement(unit, scope, node.init);
    else unit.evaluator.expression(unit, scope, node.init);
  }
  const { test, body, update } = node;
  run(unit, scope, {
    ...plain(unit, scope, test, body),
    node,
    name,
    update: update === null ? null : () => void unit.evaluator.expression(unit, scope, update),
  });
};

export const executeWhile = (unit: Unit, scope: Scope, node: Ast.WhileStatement, name: string | null): void =>
  run(unit, scope, { ...plain(unit, scope, node.test, node.body), node, name });

export const executeDoWhile = (unit: Unit, scope: Scope, node: Ast.DoWhileStatement, name: string | null): void =>
  run(unit, scope, { ...plain(unit, scope, node.test, node.body), node, name, testFirst: false });

const plain = (
  unit: Unit,
  scope: Scope,
  test: Ast.Expression | null,
  body: Ast.Statement,
): Pick<Loop, "test" | "testFirst" | "body" | "update" | "iterator"> => ({
  test: test === null ? null : (again, end) => unit.evaluator.condition(unit, scope, test, again, end),
  testFirst: true,
  body: (inner) => unit.evaluator.statement(unit, inner, body),
  update: null,
  iterator: null,
});

const run = (unit: Unit, scope: Scope, loop: Loop): void => {
  if (!unit.builder.reachable) return;
  const attempt = new Attempt(unit, scope);
  if (unroll(unit, scope, loop)) return;
  attempt.abandon();
  realLoop(unit, scope, loop);
};

/** Everything that evaluating part of a loop may leave behind, to be taken back. */
class Attempt {
  readonly #unit: Unit;
  readonly #snapshot;
  readonly #labels: readonly { readonly label: Label; readonly edges: number }[];
  readonly #module;
  readonly #depth;

  constructor(unit: Unit, scope: Scope) {
    this.#unit = unit;
    this.#snapshot = unit.builder.snapshot();
    this.#module = unit.module;
    this.#depth = unit.depth;
    this.#labels = [...scope.ofFunction()].flatMap(({ targets }) =>
      [targets.breakTo, targets.continueTo, targets.exit?.label].flatMap((label) =>
        label === undefined || label === null ? [] : [{ label, edges: label.edges.length }],
      ),
    );
  }

  abandon(): void {
    this.#unit.builder.restore(this.#snapshot);
    this.#unit.forgetSlots();
    this.#unit.module = this.#module;
    this.#unit.depth = this.#depth;
    for (const { label, edges } of this.#labels) label.edges.length = edges;
  }
}

/** False when the loop's course is not known, or too long. */
const unroll = (unit: Unit, scope: Scope, loop: Loop): boolean => {
  const end = new Label(unit);
  const start = unit.builder.nodeCount;
  const { met } = unit.refusals;
  for (let round = 0; unit.builder.reachable; round++) {
    if (round > MAX_CONSTANT_ROUNDS)
      return unit.refuse(
        "HM1303",
        `this loop runs more than ${MAX_CONSTANT_ROUNDS} rounds while compiling; give it a bound, as in for (let at = 0; at < 64; at++)`,
        loop.node,
      );
    if (round > MAX_UNROLLED && unit.builder.nodeCount > start + round) return false;
    if (loop.test !== null && (loop.testFirst || round > 0)) {
      const [again, done] = [new Label(unit), new Label(unit)];
      loop.test(again, done);
      // A refused test goes both ways; the body is evaluated once then.
      if (again.edges.length > 0 && done.edges.length > 0 && unit.refusals.met === met) return false;
      if (again.edges.length === 0) {
        bind(unit, done);
        break;
      }
      bind(unit, again);
    }
    const next = new Label(unit);
    loop.body(scope.inner({ breakTo: end, continueTo: next, name: loop.name }));
    bind(unit, next);
    loop.update?.();
    requireWhole(unit, met);
  }
  bind(unit, end);
  return true;
};

const MAX_ATTEMPTS = 16;

/** Makes a loop of the kernel. */
export const realLoop = (unit: Unit, scope: Scope, loop: Loop): void => {
  const carried = new Map<Variable, Carried>();
  const { refusals } = unit;
  const { instead } = refusals;
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      refusals.instead = instead ?? unboundedBy(unit, loop, carried);
      const undo = new Attempt(unit, scope);
      if (attemptLoop(unit, scope, loop, carried)) return;
      undo.abandon();
    }
    unit.refuse(
      "HM1303",
      "the ranges of this loop's variables could not be bounded; mask or test them in the loop",
      loop.node,
    );
  } catch (error) {
    throw error instanceof CompileError ? refusals.translated(error) : error;
  } finally {
    refusals.instead = instead;
  }
};

/** What to tell of a loop that was evaluated again and again, and whose numbers went further each time. */
const unboundedBy = (unit: Unit, { node }: Loop, carried: ReadonlyMap<Variable, Carried>): Diagnostic | null => {
  if (node.type === "ForOfStatement") return null;
  const courses = [...carried].map(([{ name }, { initial, low, high, widenings }]): Course => {
    if (widenings <= SEEN_WIDENINGS) return { name, way: null };
    return { name, way: high > initial.high ? "up" : low < initial.low ? "down" : null };
  });
  return equalityAsBound(unit, node, courses) ?? unknownRounds(unit, node, courses);
};

/** Evaluates the loop with the assumed ranges. False, with better assumptions, when they did not hold. */
const attemptLoop = (unit: Unit, scope: Scope, loop: Loop, carried: Map<Variable, Carried>): boolean => {
  const { builder } = unit;
  const initial = [...carried].map(([variable, assumed]) =>
    enter(unit, builder.state.get(unit.variables, variable) as Value, assumed, loop.iterator),
  );
  builder.loopDepth++;
  const head = builder.newBlock();
  builder.jump(head);
  builder.block = head;
  const end = new Label(unit);
  const phis = [...carried].map(([variable, assumed], at) => {
    const isKnown = assumed.known && isWithin(assumed, anyRange) && loop.iterator === null;
    const { low, high } = isKnown ? assumed : anyRange;
    const phi = builder.phi([initial[at] as Node], low, high);
    const value: Value =
      assumed.kind === "boolean"
        ? booleanOf(unit, phi)
        : { kind: "integer", type: assumed.type, node: phi, low: assumed.low, high: assumed.high, wrapped: false };
    builder.state.set(unit.variables, variable, value);
    unit.loopNumbers.set(phi, { range: { low: assumed.low, high: assumed.high }, growth: null });
    return phi;
  });
  // What was read before the loop may have changed after its first round.
  builder.state.removeWhere(unit.memory, () => true);
  const epoch = unit.currentEpoch;
  const mark = builder.state.mark();
  const [again, next] = [new Label(unit), new Label(unit)];
  const { name, iterator } = loop;
  const { met } = unit.refusals;
  const inner = scope.inner({ breakTo: end, continueTo: next, name, ...(iterator === null ? {} : { iterator }) });
  if (loop.testFirst && loop.test !== null) {
    testLoop(unit, loop.test, again, end);
    bind(unit, again);
  }
  loop.body(inner);
  bind(unit, next);
  loop.update?.();
  if (!loop.testFirst && loop.test !== null && builder.reachable) {
    const repeat = new Label(unit);
    testLoop(unit, loop.test, repeat, end);
    bind(unit, repeat);
  }
  requireWhole(unit, met);
  let holds = true;
  if (builder.reachable) {
    if (unit.currentEpoch !== epoch)
      unit.refuse(
        "HM1202",
        "the packet may not be moved inside a loop that is not unrolled; move it before or after the loop",
        loop.node,
      );
    requireSameRecords(unit, mark, loop.node);
    const changed = finalValues(builder.state.since(mark)).get(unit.variables) as Map<Variable, Value> | undefined;
    for (const [variable] of changed ?? [])
      holds = adopt(unit, variable, carried, mark, loop, builder.state.get(unit.variables, variable)) && holds;
    if (holds) holds = closeLoop(unit, loop, carried, phis, head);
  }
  builder.loopDepth--;
  if (!holds) return false;
  bind(unit, end);
  return true;
};

const testLoop = (unit: Unit, test: NonNullable<Loop["test"]>, again: Label, end: Label): void => {
  unit.inLoopTest = true;
  test(again, end);
  unit.inLoopTest = false;
};

const unseen = {
  known: true,
  widenings: 0,
  initial: { low: 0n, high: 0n },
  growth: null,
  growths: 0,
  rounds: 0n,
} as const;

/** Starts carrying a variable that the body turned out to change. True when it was carried already, or is the body's own. */
const adopt = (
  unit: Unit,
  variable: Variable,
  carried: Map<Variable, Carried>,
  mark: number,
  loop: Loop,
  now: Value | undefined,
): boolean => {
  if (carried.has(variable) || now === undefined) return true;
  const before = unit.builder.state.valueBefore(unit.variables, variable, mark);
  if (before === undefined) return true;
  const boolean = (value: Value): boolean =>
    value.kind === "boolean" || (isStatic(value) && typeof value.value === "boolean");
  if (boolean(before) && boolean(now)) {
    carried.set(variable, { kind: "boolean", type: "number", low: 0n, high: 1n, ...unseen });
    return false;
  }
  const mayBeMissing = before.kind === "maybe" || now.kind === "maybe";
  const [first, later] = mayBeMissing ? [null, null] : [toInteger(unit, before), toInteger(unit, now)];
  if (first === null || later === null || first.type !== later.type) {
    return unit.refuse(
      "HM1301",
      `${variable.name} changes in this loop from ${describe(before)} to ${describe(now)}; only numbers, bigints and booleans may change in a loop that is not unrolled: keep its parts in variables of their own`,
      assignmentTo(loop.node, variable.name) ?? loop.node,
    );
  }
  if (first.wrapped || later.wrapped)
    return unit.refuse(
      "HM1102",
      `${variable.name} may be negative in JavaScript; write (…) >>> 0 where it is assigned`,
      assignmentTo(loop.node, variable.name) ?? loop.node,
    );
  const { type, low, high } = first;
  carried.set(variable, { kind: "integer", type, low, high, ...unseen });
  return false;
};

const enter = (unit: Unit, value: Value, assumed: Carried, iterator: NumberIterator | null): Node => {
  const { builder } = unit;
  // Where all is unknown at first, each further round is a case of the first, and the verifier is done after two.
  const forget = (node: Node): Node => (iterator === null ? node : builder.binary("add", iterator.unknownZero, node));
  if (assumed.kind === "boolean") return forget(materialise(unit, value));
  const integer = toInteger(unit, value);
  if (integer === null)
    return unit.refuse(
      "HM1301",
      `${describe(value)} cannot be carried around a loop; carry a number, and make the value of it inside the loop`,
    );
  // What was assumed at the end of the body may be what only holds there.
  assumed.initial = { low: integer.low, high: integer.high };
  const { low, high } = union(assumed, integer);
  assumed.low = low;
  assumed.high = high;
  if (!isWithin(builder.range(integer.node), assumed)) assumed.known = false;
  return forget(integer.node);
};

/** Adds the back edge if every carried value stays in its assumed range; otherwise widens the assumptions. */
const closeLoop = (
  unit: Unit,
  loop: Loop,
  carried: Map<Variable, Carried>,
  phis: readonly Node[],
  head: Block,
): boolean => {
  const { builder } = unit;
  const nodes: Node[] = [];
  const carries: Carry[] = [];
  let holds = true;
  for (const [at, [variable, assumed]] of [...carried].entries()) {
    const value = builder.state.get(unit.variables, variable) as Value;
    if (assumed.kind === "boolean") {
      nodes.push(materialise(unit, value));
      continue;
    }
    const now = toInteger(unit, value);
    if (now === null || now.type !== assumed.type)
      return unit.refuse(
        "HM1301",
        `${variable.name} is ${describe(value)} at the end of a round and a ${assumed.type} at its start; keep it one kind`,
        assignmentTo(loop.node, variable.name) ?? loop.node,
      );
    if (now.wrapped)
      return unit.refuse(
        "HM1102",
        `${variable.name} may be negative in JavaScript; write (…) >>> 0 where it is assigned`,
        assignmentTo(loop.node, variable.name) ?? loop.node,
      );
    nodes.push(now.node);
    if (assumed.known && !isWithin(builder.range(now.node), assumed)) {
      assumed.known = false;
      holds = false;
    }
    carries.push({
      name: variable.name,
      assumed,
      now,
      growth: growthOf(unit, phis[at] as Node, now.node),
      isHalved: now.low >= 0n && isHalved(unit, phis[at] as Node, now.node, now),
    });
  }
  if (!settle(carries, loop.iterator?.mostRounds ?? null, namesInTest(loop))) holds = false;
  if (!holds) return false;
  const back = builder.block;
  builder.jump(head);
  if (back === null) throw new Error("a loop's back edge starts nowhere");
  phis.forEach((phi, at) => phi.args.push(nodes[at] as Node));
  [...carried.values()].forEach(({ growth, rounds, low, high }, at) => {
    const all = growth === null ? null : grown({ low: 0n, high: 0n }, growth, rounds);
    unit.loopNumbers.set(phis[at] as Node, { range: { low, high }, growth: all });
  });
  return true;
};

/** Of what bounds the loop. */
const namesInTest = ({ node }: Loop): ReadonlySet<string> =>
  node.type === "ForOfStatement" || node.test === null ? new Set() : mentionedNames(node.test);
