/**
 * Loops. A loop whose course is known while compiling is unrolled: always over constant arrays, up to 32 rounds
 * otherwise. Any other becomes a loop of the kernel, which the verifier walks: its variables' ranges are found by
 * evaluating the body until they hold.
 */
import type { Ast } from "../source/parse.ts";
import type { Block, Node } from "../ssa/ir.ts";
import { anyRange, isWithin, union } from "../ssa/range.ts";
import { finalValues } from "../ssa/state.ts";
import { booleanOf, Label, bind, materialise } from "./flow.ts";
import { MAX_SAFE, toInteger } from "./integers.ts";
import { bindPattern } from "./patterns.ts";
import { requireSameRecords } from "./records.ts";
import type { Scope, Variable } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, type Value } from "./values.ts";

const MAX_UNROLLED = 32;
const MAX_CONSTANT_ROUNDS = 65_536;

/** What all loops are made of. */
interface Loop {
  readonly node: Ast.Statement;
  readonly name: string | null;
  /** Null: always true. */
  readonly test: Ast.Expression | null;
  readonly testFirst: boolean;
  readonly body: Ast.Statement;
  readonly update: Ast.Expression | null;
}

export const executeFor = (unit: Unit, outer: Scope, node: Ast.ForStatement, name: string | null): void => {
  const scope = outer.inner();
  if (node.init !== null) {
    if (node.init.type === "VariableDeclaration") unit.evaluator.statement(unit, scope, node.init);
    else unit.evaluator.expression(unit, scope, node.init);
  }
  run(unit, scope, { node, name, test: node.test, testFirst: true, body: node.body, update: node.update });
};

export const executeWhile = (unit: Unit, scope: Scope, node: Ast.WhileStatement, name: string | null): void =>
  run(unit, scope, { node, name, test: node.test, testFirst: true, body: node.body, update: null });

export const executeDoWhile = (unit: Unit, scope: Scope, node: Ast.DoWhileStatement, name: string | null): void =>
  run(unit, scope, { node, name, test: node.test, testFirst: false, body: node.body, update: null });

export const executeForOf = (unit: Unit, scope: Scope, node: Ast.ForOfStatement, name: string | null): void => {
  const items = unit.evaluator.expression(unit, scope, node.right);
  const iterable = isStatic(items) ? items.value : undefined;
  if (node.await || typeof iterable !== "object" || iterable === null || !(Symbol.iterator in iterable)) {
    return unit.refuse(
      "HM1004",
      `for..of goes over arrays known while compiling, not over ${describe(items)}`,
      node.right,
    );
  }
  const end = new Label(unit);
  for (const item of iterable as Iterable<unknown>) {
    if (!unit.builder.reachable) break;
    const next = new Label(unit);
    const round = scope.inner({ breakTo: end, continueTo: next, name });
    if (node.left.type !== "VariableDeclaration")
      return unit.refuse("HM1001", "declare the loop's variable with const", node.left);
    const [declaration] = node.left.declarations;
    if (declaration !== undefined) bindPattern(unit, round, declaration.id, statik(item));
    unit.evaluator.statement(unit, round, node.body);
    bind(unit, next);
  }
  bind(unit, end);
};

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
  for (let round = 0; unit.builder.reachable; round++) {
    if (round > MAX_CONSTANT_ROUNDS)
      return unit.refuse("HM1303", `this loop runs more than ${MAX_CONSTANT_ROUNDS} rounds while compiling`, loop.node);
    if (round > MAX_UNROLLED && unit.builder.nodeCount > start + round) return false;
    if (loop.test !== null && (loop.testFirst || round > 0)) {
      const [again, done] = [new Label(unit), new Label(unit)];
      unit.evaluator.condition(unit, scope, loop.test, again, done);
      if (again.edges.length > 0 && done.edges.length > 0) return false;
      if (again.edges.length === 0) {
        bind(unit, done);
        break;
      }
      bind(unit, again);
    }
    const next = new Label(unit);
    unit.evaluator.statement(unit, scope.inner({ breakTo: end, continueTo: next, name: loop.name }), loop.body);
    bind(unit, next);
    if (loop.update !== null) unit.evaluator.expression(unit, scope, loop.update);
  }
  bind(unit, end);
  return true;
};

/** A variable that changes from round to round, as the loop's head knows it. */
interface Carried {
  kind: "integer" | "boolean";
  type: "number" | "bigint";
  low: bigint;
  high: bigint;
  /** Whether the verifier will find the register in that range, too. */
  known: boolean;
  widenings: number;
}

const MAX_ATTEMPTS = 16;

const realLoop = (unit: Unit, scope: Scope, loop: Loop): void => {
  const carried = new Map<Variable, Carried>();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const undo = new Attempt(unit, scope);
    if (attemptLoop(unit, scope, loop, carried)) return;
    undo.abandon();
  }
  unit.refuse(
    "HM1303",
    "the ranges of this loop's variables could not be bounded; mask or test them in the loop",
    loop.node,
  );
};

/** Evaluates the loop with the assumed ranges. False, with better assumptions, when they did not hold. */
const attemptLoop = (unit: Unit, scope: Scope, loop: Loop, carried: Map<Variable, Carried>): boolean => {
  const { builder } = unit;
  const initial = [...carried].map(([variable, assumed]) =>
    enter(unit, builder.state.get(unit.variables, variable) as Value, assumed),
  );
  builder.loopDepth++;
  const head = builder.newBlock();
  builder.jump(head);
  builder.block = head;
  const end = new Label(unit);
  const phis = [...carried].map(([variable, assumed], at) => {
    const { low, high } = assumed.known && isWithin(assumed, anyRange) ? assumed : anyRange;
    const phi = builder.phi([initial[at] as Node], low, high);
    const value: Value =
      assumed.kind === "boolean"
        ? booleanOf(unit, phi)
        : { kind: "integer", type: assumed.type, node: phi, low: assumed.low, high: assumed.high, wrapped: false };
    builder.state.set(unit.variables, variable, value);
    return phi;
  });
  // What was read before the loop may have changed after its first round.
  builder.state.removeWhere(unit.memory, () => true);
  const epoch = unit.currentEpoch;
  const mark = builder.state.mark();
  const [again, next] = [new Label(unit), new Label(unit)];
  const inner = scope.inner({ breakTo: end, continueTo: next, name: loop.name });
  if (loop.testFirst && loop.test !== null) {
    testLoop(unit, scope, loop.test, again, end);
    bind(unit, again);
  }
  unit.evaluator.statement(unit, inner, loop.body);
  bind(unit, next);
  if (loop.update !== null) unit.evaluator.expression(unit, scope, loop.update);
  if (!loop.testFirst && loop.test !== null && builder.reachable) {
    const repeat = new Label(unit);
    testLoop(unit, scope, loop.test, repeat, end);
    bind(unit, repeat);
  }
  let holds = true;
  if (builder.reachable) {
    if (unit.currentEpoch !== epoch)
      unit.refuse("HM1202", "the packet may not be moved inside a loop that is not unrolled", loop.node);
    requireSameRecords(unit, mark, loop.node);
    const changed = finalValues(builder.state.since(mark)).get(unit.variables) as Map<Variable, Value> | undefined;
    for (const [variable] of changed ?? [])
      holds = adopt(unit, variable, carried, mark, loop, builder.state.get(unit.variables, variable)) && holds;
    if (holds) holds = closeLoop(unit, carried, phis, head);
  }
  builder.loopDepth--;
  if (!holds) return false;
  bind(unit, end);
  return true;
};

const testLoop = (unit: Unit, scope: Scope, test: Ast.Expression, again: Label, end: Label): void => {
  unit.inLoopTest = true;
  unit.evaluator.condition(unit, scope, test, again, end);
  unit.inLoopTest = false;
};

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
    carried.set(variable, { kind: "boolean", type: "number", low: 0n, high: 1n, known: true, widenings: 0 });
    return false;
  }
  const [first, later] = [toInteger(unit, before), toInteger(unit, now)];
  if (first === null || later === null || first.type !== later.type) {
    return unit.refuse(
      "HM1301",
      `${variable.name} changes in this loop from ${describe(before)} to ${describe(now)}; only numbers, bigints and booleans may change in a loop that is not unrolled`,
      loop.node,
    );
  }
  if (first.wrapped || later.wrapped)
    return unit.refuse(
      "HM1102",
      `${variable.name} may be negative in JavaScript; write (…) >>> 0 where it is assigned`,
      loop.node,
    );
  const { type, low, high } = first;
  carried.set(variable, { kind: "integer", type, low, high, known: true, widenings: 0 });
  return false;
};

const enter = (unit: Unit, value: Value, assumed: Carried): Node => {
  if (assumed.kind === "boolean") return materialise(unit, value);
  const integer = toInteger(unit, value);
  if (integer === null) return unit.refuse("HM1301", `${describe(value)} cannot be carried around a loop`);
  // What was assumed at the end of the body may be what only holds there.
  const { low, high } = union(assumed, integer);
  assumed.low = low;
  assumed.high = high;
  if (!isWithin(unit.builder.range(integer.node), assumed)) assumed.known = false;
  return integer.node;
};

/** Adds the back edge if every carried value stays in its assumed range; otherwise widens the assumptions. */
const closeLoop = (unit: Unit, carried: Map<Variable, Carried>, phis: readonly Node[], head: Block): boolean => {
  const { builder } = unit;
  const nodes: Node[] = [];
  let holds = true;
  for (const [variable, assumed] of carried) {
    const value = builder.state.get(unit.variables, variable) as Value;
    if (assumed.kind === "boolean") {
      nodes.push(materialise(unit, value));
      continue;
    }
    const now = toInteger(unit, value);
    if (now === null || now.type !== assumed.type)
      return unit.refuse(
        "HM1301",
        `${variable.name} is ${describe(value)} at the end of a round and a ${assumed.type} at its start`,
      );
    if (now.wrapped)
      return unit.refuse(
        "HM1102",
        `${variable.name} may be negative in JavaScript; write (…) >>> 0 where it is assigned`,
      );
    nodes.push(now.node);
    if (assumed.known && !isWithin(builder.range(now.node), assumed)) {
      assumed.known = false;
      holds = false;
    }
    if (now.low >= assumed.low && now.high <= assumed.high) continue;
    holds = false;
    widen(assumed, now);
  }
  if (!holds) return false;
  const back = builder.block;
  builder.jump(head);
  if (back === null) throw new Error("a loop's back edge starts nowhere");
  phis.forEach((phi, at) => phi.args.push(nodes[at] as Node));
  return true;
};

/**
 * First by what was seen; then, when that does not settle, to a whole number of bits and in growing steps to the type's
 * limits: a variable that is masked at the end of a round settles at its mask.
 */
const widen = (assumed: Carried, now: { low: bigint; high: bigint }): void => {
  const settle = assumed.widenings++ - 2;
  const [least, most] = assumed.type === "number" ? [-MAX_SAFE, MAX_SAFE] : [0n, (1n << 64n) - 1n];
  if (now.low < assumed.low) assumed.low = settle >= 0 ? least : now.low;
  if (now.high <= assumed.high) return;
  const bits = now.high.toString(2).length + (steps[settle] ?? 64);
  const stepped = (1n << BigInt(bits)) - 1n;
  assumed.high = settle < 0 ? now.high : stepped < most ? stepped : most;
};

/** Bits more than what was seen has. */
const steps = [0, 4, 16];
