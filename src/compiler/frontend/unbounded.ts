/** Loops that are to end where a number equals another: that does not say how far it may go. */
import { forEachChild, isFunction, type Ast } from "../source/parse.ts";
import { mentionedNames } from "./node-names.ts";
import type { Diagnostic } from "../diagnostics.ts";
import type { Unit } from "./unit.ts";

/** How far a number is known to go, as its loop's rounds are evaluated. */
export interface Course {
  readonly name: string;
  /** "up" or "down" where each look at the loop found it to go further. */
  readonly way: "up" | "down" | null;
}

/**
 * What to tell instead of all that cannot be proven in a loop whose end asks for equality of a number that goes on and on;
 * null of other loops.
 */
export const equalityAsBound = (
  unit: Unit,
  { test, body }: { readonly test: Ast.Expression | null; readonly body: Ast.Statement },
  courses: readonly Course[],
): Diagnostic | null => {
  for (const { name, way } of courses) {
    // What else is asked may be what ends it.
    if (way === null || test?.type === "LogicalExpression") continue;
    // A loop without a test of its own ends where its body asks.
    const isEndless = test === null || (test.type === "Literal" && test.value === true);
    const found = isEndless ? comparisonOf(body, name, "===") : comparisonOf(test, name, "!==");
    if (found === null) continue;
    const { module } = unit;
    const isLeft = found.left.type === "Identifier" && found.left.name === name;
    const other = isLeft ? found.right : found.left;
    const text = module.text.slice(other.start, other.end);
    const operators = { up: { "!==": "<", "===": ">=" }, down: { "!==": ">", "===": "<=" } } as const;
    const operator = operators[way][found.operator];
    return {
      code: "HM1303",
      message: `${found.operator} does not say how far ${name} may go; write ${operator}, as in ${name} ${operator} ${text.length > 24 ? "…" : text}`,
      position: { module, offset: module.text.indexOf(found.operator, found.left.end) },
    };
  }
  return null;
};

/**
 * What to tell of a number that grows with the rounds of a loop whose test asks about others, which settled: nothing says how
 * many rounds there are. Null where the test's own numbers go on and on.
 */
export const unknownRounds = (
  unit: Unit,
  { test }: { readonly test: Ast.Expression | null },
  courses: readonly Course[],
): Diagnostic | null => {
  if (test === null) return null;
  const asked = mentionedNames(test);
  const growing = courses.find(({ name, way }) => way !== null && !asked.has(name));
  const settled = courses.filter(({ name, way }) => way === null && asked.has(name));
  if (growing === undefined || settled.length === 0 || courses.some(({ name, way }) => way !== null && asked.has(name)))
    return null;
  const { module } = unit;
  const text = module.text.slice(test.start, test.end);
  return {
    code: "HM1303",
    message: `nothing here says how often this loop runs, and ${growing.name} changes in each round; count the rounds as well, as in for (let round = 0; round < 32 && ${text.length > 24 ? "…" : text}; round++)`,
    position: { module, offset: test.start },
  };
};

type Comparison = Ast.BinaryExpression & { readonly operator: "===" | "!==" };

const comparisonOf = (node: Ast.Node, name: string, operator: "===" | "!=="): Comparison | null => {
  let found: Comparison | null = null;
  const visit = (child: Ast.Node): void => {
    if (found !== null || isFunction(child)) return;
    if (isComparison(child, operator) && [child.left, child.right].some((side) => isNamed(side, name))) found = child;
    else forEachChild(child, visit);
  };
  visit(node);
  return found;
};

const isComparison = (node: Ast.Node, operator: string): node is Comparison =>
  node.type === "BinaryExpression" && node.operator === operator;

const isNamed = (node: Ast.Node, name: string): boolean => node.type === "Identifier" && node.name === name;
