/** `for..of`: over what is known while compiling, round for round, and over `range()`, as a loop of the kernel. */
import { MAX_ROUNDS, range } from "../../kernel/range.ts";
import type { Ast } from "../source/parse.ts";
import { U32_MAX } from "../ssa/range.ts";
import { readElements } from "./fields.ts";
import { Label, bind, branch } from "./flow.ts";
import { realLoop } from "./loops.ts";
import { isMap } from "./members.ts";
import { closeIterator, nextNumber, openIterator } from "./number-iterator.ts";
import { bindPattern } from "./patterns.ts";
import { requireWhole } from "./recovery.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, statik, type IntegerValue, type RangeValue, type Value } from "./values.ts";

/** A range with known bounds and no more rounds is unrolled: calls would cost more than they save. */
const MAX_UNROLLED = 4n;

export const executeForOf = (unit: Unit, scope: Scope, node: Ast.ForOfStatement, name: string | null): void => {
  const items = unit.evaluator.expression(unit, scope, node.right);
  if (!unit.builder.reachable) return;
  if (node.left.type !== "VariableDeclaration")
    return unit.refuse("HM1001", "declare the loop's variable with const", node.left);
  const [declaration] = node.left.declarations;
  if (declaration === undefined || node.await)
    return unit.refuse("HM1001", "await has no meaning here, where nothing can be waited for; take it out", node);
  const isConstant = node.left.kind !== "let";
  const round = (inner: Scope, item: Value): void => {
    bindPattern(unit, inner, declaration.id, item, isConstant);
    unit.evaluator.statement(unit, inner, node.body);
  };
  if (items.kind === "range") {
    const known = knownNumbers(items);
    if (known === null) return iterate(unit, scope, node, name, items, round);
    return unroll(unit, scope, name, map(known, statik), round);
  }
  if (items.kind === "array") return unroll(unit, scope, name, items.items, round);
  if (items.kind === "elements") return unroll(unit, scope, name, readElements(unit, items), round);
  const known = isStatic(items) ? items.value : undefined;
  const iterable: unknown = typeof known === "string" ? [...known] : known;
  if (typeof iterable !== "object" || iterable === null || !(Symbol.iterator in iterable)) {
    return unit.refuse(
      "HM1004",
      `for..of goes over arrays and over range(from, to), not over ${whatElse(items)}`,
      node.right,
    );
  }
  unroll(unit, scope, name, map(iterable as Iterable<unknown>, statik), round);
};

function* map<T, U>(items: Iterable<T>, fn: (item: T) => U): Iterable<U> {
  for (const item of items) yield fn(item);
}

/** What somebody wanted to go over, and how it is done. */
const whatElse = (items: Value): string => {
  if (isMap(items)) return "a map; look one key up with lookup(key), and go over all of them in user space";
  return describe(items);
};

type Round = (inner: Scope, item: Value) => void;

const unroll = (unit: Unit, scope: Scope, name: string | null, items: Iterable<Value>, round: Round): void => {
  const end = new Label(unit);
  const { met } = unit.refusals;
  for (const item of items) {
    if (!unit.builder.reachable) break;
    const next = new Label(unit);
    round(scope.inner({ breakTo: end, continueTo: next, name }), item);
    bind(unit, next);
    requireWhole(unit, met);
  }
  bind(unit, end);
};

/** The numbers of a range that is known to be empty or, in full, to be short. */
const knownNumbers = ({ from, to }: RangeValue): Iterable<number> | null => {
  if (from.low >= to.high) return [];
  const isKnown = from.low === from.high && to.low === to.high;
  return isKnown && to.low - from.low <= MAX_UNROLLED ? range(Number(from.low), Number(to.low)) : null;
};

const iterate = (
  unit: Unit,
  scope: Scope,
  node: Ast.ForOfStatement,
  name: string | null,
  { from, to }: RangeValue,
  round: Round,
): void => {
  if (to.low - from.high > BigInt(MAX_ROUNDS))
    return unit.refuse(
      "HM1303",
      `a range has at most ${MAX_ROUNDS} numbers; this one would have no rounds`,
      node.right,
    );
  const { builder } = unit;
  const span = to.high - from.low;
  const mostRounds = span < BigInt(MAX_ROUNDS) ? span : BigInt(MAX_ROUNDS);
  const iterator = openIterator(unit, from.node, to.node, mostRounds);
  let pointer = iterator.unknownZero;
  realLoop(unit, scope, {
    node,
    name,
    test: (again, end) => {
      pointer = nextNumber(unit, iterator);
      const isDone = { left: pointer, right: builder.constant(0), width: 64, whenTrue: [], whenFalse: [] } as const;
      branch(unit, { ...isDone, condition: "eq" }, end, again);
    },
    testFirst: true,
    body: (inner) => round(inner, numberAt(unit, pointer, from.low, to.high - 1n)),
    update: null,
    iterator,
  });
  closeIterator(unit, iterator);
};

/** The number behind an iterator's pointer. The verifier sees 32 bits of anything. */
const numberAt = (unit: Unit, pointer: RangeValue["from"]["node"], low: bigint, high: bigint): IntegerValue => {
  const { builder } = unit;
  const bits = builder.load(pointer, 0, 4, "map");
  const node = low >= 0n ? bits : builder.signExtend(bits, 32);
  return { kind: "integer", type: "number", node, low, high: high < U32_MAX ? high : U32_MAX, wrapped: false };
};
