/** The forms of the language. What the front end takes is read from its source: a node that is new there needs a row here. */
import { readFileSync } from "node:fs";
import type { Feature } from "./feature.ts";

const expression = "[\\w!.()[\\]]+";

/** By the parser's names of nodes; null for what the front end takes to refuse it, or what is gone before it. */
const nodes: Readonly<Record<string, RegExp | null>> = {
  ArrayExpression: /\[\d+(, \d+)*\]/,
  ArrowFunctionExpression: /=> \{/,
  AssignmentExpression: /^\s*\w+ = /m,
  BinaryExpression: / \+ /,
  BlockStatement: /^\s*\{$/m,
  BreakStatement: /\bbreak;/,
  CallExpression: /\w\(/,
  ChainExpression: /\?\./,
  ConditionalExpression: / \? .* : /,
  ContinueStatement: /\bcontinue\b/,
  DoWhileStatement: /\bdo \{/,
  EmptyStatement: /^\s*;$/m,
  ExpressionStatement: /^\s*\w.*\);$/m,
  ForOfStatement: /\bfor \(const .* of /,
  ForStatement: /\bfor \(let /,
  FunctionDeclaration: /^\s*function \w/m,
  FunctionExpression: /= function \(/,
  Identifier: /\w/,
  IfStatement: /\bif \(/,
  LabeledStatement: /^\s*\w+: \w/m,
  Literal: /\d/,
  LogicalExpression: / (&&|\|\||\?\?) /,
  MemberExpression: /\w\.\w/,
  NewExpression: null,
  ObjectExpression: /\{ \w+: /,
  ReturnStatement: /\breturn /,
  SequenceExpression: /\(\(.*\), .*\)/,
  SwitchStatement: /\bswitch \(/,
  TemplateLiteral: /`/,
  TryStatement: null,
  TSAsExpression: / as number/,
  TSInstantiationExpression: null,
  TSInterfaceDeclaration: null,
  TSNonNullExpression: /\w!/,
  TSSatisfiesExpression: / satisfies /,
  TSTypeAliasDeclaration: null,
  TSTypeAssertion: null,
  UnaryExpression: /~\w/,
  UpdateExpression: /\+\+|--/,
  VariableDeclaration: /\blet /,
  WhileStatement: /\bwhile \(.*\) \{/,
};

/** Forms that are no node of their own. */
const forms: Readonly<Record<string, RegExp>> = {
  "view or null from a function": /\bfind\d+\(ctx, /,
  "several values from a function": /\bgather\d+\(ctx, /,
  "IPv6 address into a subprogram": /= subprogram\(\[.*ipv6Address.*\], /,
  "address from a subprogram": /= subprogram\(\[.*\], (ipv4|mac)Address, /,
  "subprogram that returns nothing": /= subprogram\(\[.*\], "nothing", /,
  "address from a function": /\breturn (ipv4|ipv6|mac)\(/,
  "several values or null from a function": /if \(o\d+ === null\) /,
  "view that changes in a branch": /^\s*let [pm]\d+ = /m,
  "object taken apart": /const \{ \w+: \w+/,
  "array taken apart": /const \[\w+, , \w+/,
  "default of a parameter": /\w = 3\) \{/,
  "rest of arguments": /\(\.\.\.all: /,
  "rest of an object": /, \.\.\.others \}/,
  "spread of an object": /\{ \.\.\.\w+, /,
  "spread of an array": /\[\.\.\.\[/,
  "spread of arguments": /\(\.\.\.\[/,
  "property computed": /\)\[`/,
  "recursion over a table": /\bfind\(table, 0, /,
  "loop over a table": / of table\) \{/,
  "loop over entries": /\.entries\(\)\) \{/,
  "loop over range()": / of range\(/,
  "break out of a labelled block or switch": /\bbreak out/,
  "continue with a label": /\bcontinue loop/,
  "switch over bigints": /\bcase \d+n:/,
  "switch over addresses": /\bcase (ipv4|ipv6|mac)\(/,
  "switch over conditions": /\bswitch \(true\)/,
  "switch over a table": /\bcase table\[/,
  "several buffers": /frags: true/,
  "packets that leave": /egress: true/,
  "array field at a computed index": new RegExp(`\\w\\[${expression} [%&]`),
  "structure within a structure": /= nested\(|: nested\(/,
  "comparison of signed bigints": /BigInt\.asIntN\(.*\) [<>]=? /,
  "comparison with a fraction": / [<>]=? \d+\.\d/,
  "power of two": /\(2 \*\* \(/,
  typeof: /typeof \(/,
  "Boolean()": /\bBoolean\(/,
  "array of run-time values": /const t\d+ = \[/,
  "array asked by a run-time value": /\]\.(includes|indexOf|find|findIndex|some|every)\(/,
  "array method with a function": /\]\.(map|reduce|forEach)\(\(/,
  "table asked by a run-time value": /table\.(find|findIndex|some|every)\(/,
  "constant Set and Map": /table(Set\.has|Map\.get)\(/,
  "value that may be missing": /\blet u\d+: number \| /,
  "??=": / \?\?= /,
  "values exchanged": /^\s*\[n\d+, n\d+\] = /m,
  "atomic of an element": /\b(atomicAdd|atomicStore|fetchAdd|exchange|compareExchange)\(\w+\.\w+, [^"]/,
};

const operators = "+ - * % & | ^ << >> >>> < <= > >= === !== && || ?? = += -= *= %= &= |= ^= <<= >>= >>>= **".split(
  " ",
);

const literal = (text: string): string => text.replaceAll(/[*+?^|]/g, "\\$&");

/** Node types that the front end has a case for. */
const taken = (): string[] => {
  const text = ["expressions", "statements"]
    .map((name) => readFileSync(new URL(`../../../src/compiler/frontend/${name}.ts`, import.meta.url), "utf8"))
    .join("\n");
  return [...new Set([...text.matchAll(/case "([A-Z]\w+)":/g)].map(([, type = ""]) => type))];
};

export const languageFeatures = (): Feature[] => [
  ...taken().flatMap((name) => {
    const pattern = nodes[name];
    if (pattern === undefined) throw new Error(`${name} is taken by the compiler: say here how programs show it`);
    return pattern === null ? [] : [{ name, types: null, pattern }];
  }),
  ...operators.map((name) => ({ name, types: null, pattern: new RegExp(` ${literal(name)} `) })),
  ...Object.entries(forms).map(([name, pattern]) => ({ name, types: null, pattern })),
];
