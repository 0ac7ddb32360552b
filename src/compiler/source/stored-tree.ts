/** A module's tree as JSON, which has no integers of any size, no regular expressions and no infinity. */
import type { Ast } from "./parse.ts";

export interface StoredTree {
  readonly program: Ast.Program;
  /** Where the literals are whose values JSON has not. */
  readonly literals: readonly Path[];
}

type Path = readonly (string | number)[];

/** JSON takes what this returns. */
export const storableTree = (program: Ast.Program): StoredTree => {
  const literals: Path[] = [];
  const copy = storable(program, [], literals) as Ast.Program;
  return { program: copy, literals };
};

/** The tree, in place. */
export const restoreTree = ({ program, literals }: StoredTree): Ast.Program => {
  for (const path of literals) {
    const literal = path.reduce<unknown>((node, key) => Reflect.get(node as object, key), program) as Literal;
    literal.value = valueOf(literal);
  }
  return program;
};

interface Literal {
  value: unknown;
  readonly raw: string;
  readonly bigint?: string;
  readonly regex?: { readonly pattern: string; readonly flags: string };
}

const valueOf = ({ bigint, regex, raw }: Literal): unknown => {
  if (bigint !== undefined) return BigInt(bigint);
  return regex === undefined ? Number(raw.replaceAll("_", "")) : new RegExp(regex.pattern, regex.flags);
};

const storable = (value: unknown, path: Path, literals: Path[]): unknown => {
  if (typeof value === "bigint" || value instanceof RegExp || (typeof value === "number" && !Number.isFinite(value))) {
    literals.push(path.slice(0, -1));
    return null;
  }
  if (Array.isArray(value)) return value.map((element, index) => storable(element, [...path, index], literals));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, storable(own, [...path, key], literals)]));
};
