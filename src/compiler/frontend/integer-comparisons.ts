/** Comparisons of integers: decided by their ranges, or a test with what each outcome proves. */
import type { Condition, Node } from "../ssa/ir.ts";
import { S64_MAX, S64_MIN, U32_MAX, U64_MAX, anyRange, intersect, isWithin, type Range } from "../ssa/range.ts";
import { I32_MAX, exactInteger, signedInteger, toOneType, within } from "./integers.ts";
import { bound } from "./proofs.ts";
import type { Unit } from "./unit.ts";
import { isStatic, statik, type Fact, type IntegerValue, type StaticValue, type Test, type Value } from "./values.ts";

const conditions: Readonly<Record<string, { unsigned: Condition; signed: Condition }>> = {
  "===": { unsigned: "eq", signed: "eq" },
  "!==": { unsigned: "ne", signed: "ne" },
  "<": { unsigned: "lt", signed: "slt" },
  "<=": { unsigned: "le", signed: "sle" },
  ">": { unsigned: "gt", signed: "sgt" },
  ">=": { unsigned: "ge", signed: "sge" },
};

export const opposite: Readonly<Record<Condition, Condition | null>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  gt: "le",
  le: "gt",
  slt: "sge",
  sge: "slt",
  sgt: "sle",
  sle: "sgt",
  set: null,
};

/** `left operator right` for integers: decided by their ranges, or a test. */
export const compareIntegers = (unit: Unit, operator: string, left: Value, right: Value): boolean | Test => {
  if (isFraction(right)) return compareFraction(unit, operator, left, right.value);
  if (isFraction(left)) return compareFraction(unit, flipped(operator), right, left.value);
  const a = signedInteger(unit, left, "the left side");
  const b = signedInteger(unit, right, "the right side");
  if (a.type !== b.type && (operator === "===" || operator === "!==")) {
    return unit.refuse(
      "HM1101",
      `${operator} between number and bigint is always ${operator === "!=="}; ${toOneType(left, right)}`,
    );
  }
  if (a.type !== b.type) return unit.refuse("HM1101", `${operator} mixes number and bigint; ${toOneType(left, right)}`);
  const decided = decide(operator, a, b);
  if (decided !== null) return decided;
  const signed = a.low < 0n || b.low < 0n;
  if (signed && (a.high > S64_MAX || b.high > S64_MAX))
    return unit.refuse("HM1104", "one side may be negative and the other pass 2^63; write BigInt.asUintN(64, …)");
  const entry = conditions[operator];
  if (entry === undefined)
    return unit.refuse("HM1001", `the operator ${operator} has no meaning in a kernel program; use === and <`);
  const condition = signed ? entry.signed : entry.unsigned;
  if (unit.inLoopTest) for (const side of [a, b]) boundToVerifier(unit, side);
  const flip = a.node.op === "const";
  const [x, y] = flip ? [b, a] : [a, b];
  // Compare immediates are sign-extended from 32 bits: a larger unsigned constant takes a 32-bit compare.
  const narrow = within(a, 0n, U32_MAX) && within(b, 0n, U32_MAX) && y.node.op === "const" && y.node.imm > I32_MAX;
  const width = narrow ? 32 : 64;
  return {
    condition: flip ? flippedCondition(condition) : condition,
    left: x.node,
    right: y.node,
    width,
    ...narrowing(unit, x, flip ? flipped(operator) : operator, y, { signed, width }),
  };
};

type Fraction = StaticValue & { readonly value: number };

/** A number that no register holds. */
const isFraction = (value: Value): value is Fraction =>
  isStatic(value) && typeof value.value === "number" && !Number.isSafeInteger(value.value);

/** An integer is below a fraction when it is at most the whole number below that. */
const compareFraction = (unit: Unit, operator: string, left: Value, fraction: number): boolean | Test => {
  const isBetween = Number.isFinite(fraction) && !Number.isInteger(fraction);
  if (!isBetween || exactInteger(unit, left, "one side").type !== "number")
    return unit.refuse("HM1109", `${fraction} is not an integer that a register can hold; write a whole number`);
  if (operator === "===" || operator === "!==") return operator === "!==";
  return compareIntegers(unit, operator.startsWith("<") ? "<=" : ">", left, statik(Math.floor(fraction)));
};

/** A loop up to a limit that the verifier knows nothing of (a quotient) would never end to it. */
const boundToVerifier = (unit: Unit, limit: IntegerValue): void => {
  if (limit.low >= 0n && limit.high <= I32_MAX) bound(unit, limit, 0n, limit.high);
};

const decide = (operator: string, a: IntegerValue, b: IntegerValue): boolean | null => {
  switch (operator) {
    case "===":
      if (a.node === b.node && isReadAlike(a, b)) return true;
      return a.high < b.low || b.high < a.low ? false : a.low === a.high && b.low === b.high ? true : null;
    case "!==": {
      const equal = decide("===", a, b);
      return equal === null ? null : !equal;
    }
    case "<":
      return a.high < b.low ? true : a.low >= b.high ? false : null;
    case "<=":
      return a.high <= b.low ? true : a.low > b.high ? false : null;
    case ">":
      return decide("<", b, a);
    case ">=":
      return decide("<=", b, a);
    default:
      return null;
  }
};

/** One register is two bigints where one of them is its signed number, and the other what BigInt.asUintN(64, …) made of it. */
const isReadAlike = (a: Range, b: Range): boolean =>
  [anyRange, { low: 0n, high: U64_MAX }].some((reading) => isWithin(a, reading) && isWithin(b, reading));

const flipped = (operator: string): string => ({ "<": ">", "<=": ">=", ">": "<", ">=": "<=" })[operator] ?? operator;

const flippedCondition = (condition: Condition): Condition => {
  const pairs: Partial<Record<Condition, Condition>> = {
    lt: "gt",
    le: "ge",
    gt: "lt",
    ge: "le",
    slt: "sgt",
    sle: "sge",
    sgt: "slt",
    sge: "sle",
  };
  return pairs[condition] ?? condition;
};

type Facts = Pick<Test, "whenTrue" | "whenFalse">;

/** What each outcome says of both sides. */
const narrowing = (unit: Unit, a: IntegerValue, operator: string, b: IntegerValue, comparison: Comparison): Facts => {
  const truths = outcomes(operator, a, b);
  const known = knownOutcomes(unit, operator, a.node, b.node, comparison);
  const facts = (truth: Sides, proved: Sides | null): Fact[] => [
    ...factOf(a.node, truth[0], proved?.[0] ?? null),
    ...factOf(b.node, truth[1], proved?.[1] ?? null),
  ];
  return { whenTrue: facts(truths[0], known?.[0] ?? null), whenFalse: facts(truths[1], known?.[1] ?? null) };
};

/** Nothing where the value may be one that its register holds as a negative number. */
const factOf = (node: Node, truth: Range, known: Range | null): Fact[] =>
  truth.low < S64_MIN || truth.high > S64_MAX ? [] : [{ kind: "range", node, ...truth, known }];

interface Comparison {
  readonly signed: boolean;
  readonly width: 32 | 64;
}

/** Of the left and of the right side. */
type Sides = readonly [Range, Range];

/** What holds of both sides when the comparison is true, and when it is false. */
const outcomes = (operator: string, a: Range, b: Range): readonly [Sides, Sides] => {
  const same: Sides = [bounds(a), bounds(b)];
  const less: Sides = [bounds(a, { high: b.high - 1n }), bounds(b, { low: a.low + 1n })];
  const lessEqual: Sides = [bounds(a, { high: b.high }), bounds(b, { low: a.low })];
  const greater: Sides = [bounds(a, { low: b.low + 1n }), bounds(b, { high: a.high - 1n })];
  const greaterEqual: Sides = [bounds(a, { low: b.low }), bounds(b, { high: a.high })];
  switch (operator) {
    case "===":
      return [
        [intersect(a, b), intersect(a, b)],
        [without(a, b), bounds(b)],
      ];
    case "!==":
      return [
        [without(a, b), bounds(b)],
        [intersect(a, b), intersect(a, b)],
      ];
    case "<":
      return [less, greaterEqual];
    case "<=":
      return [lessEqual, greater];
    case ">":
      return [greater, lessEqual];
    case ">=":
      return [greaterEqual, less];
    default:
      return [same, same];
  }
};

const bounds = (range: Range, limit: Partial<Range> = {}): Range =>
  intersect(range, { low: limit.low ?? range.low, high: limit.high ?? range.high });

/** A range less a constant at one of its ends. */
const without = (a: Range, b: Range): Range =>
  b.low !== b.high
    ? bounds(a)
    : { low: a.low === b.low ? a.low + 1n : a.low, high: a.high === b.low ? a.high - 1n : a.high };

/**
 * The same of the registers, as the verifier concludes it from what it knows of them. Null where that is nothing: of
 * inequality, in which older kernels see nothing, and of 32 bits of registers that may hold more.
 */
const knownOutcomes = (
  unit: Unit,
  operator: string,
  left: Node,
  right: Node,
  { signed, width }: Comparison,
): readonly [Sides | null, Sides | null] | null => {
  const [a, b] = [unit.builder.range(left), unit.builder.range(right)];
  if (width === 32 && !(isWithin(a, u32Range) && isWithin(b, u32Range))) return null;
  // Before Linux 6.8 registers tell of each other only by being equal.
  const isConstant = a.low === a.high || b.low === b.high;
  if (!isConstant && (width === 32 || (operator !== "===" && operator !== "!=="))) return null;
  const [first, second] = signed ? outcomes(operator, a, b) : outcomes(operator, unsigned(a), unsigned(b));
  const registers = ([x, y]: Sides): Sides => (signed ? [x, y] : [asSigned(x), asSigned(y)]);
  return [operator === "!==" ? null : registers(first), operator === "===" ? null : registers(second)];
};

const u32Range: Range = { low: 0n, high: U32_MAX };

/** A register's signed bounds as unsigned ones, and the other way round. */
const unsigned = (range: Range): Range => (range.low >= 0n ? range : { low: 0n, high: U64_MAX });
const asSigned = (range: Range): Range => (range.high <= S64_MAX ? range : anyRange);
