/**
 * The one place that knows the parser. Trees are ESTree with TypeScript nodes (typescript-estree's shapes, parentheses
 * left out); every node's `start` and `end` are UTF-16 offsets into the module's text, as `String.prototype.slice` takes.
 */
import { parseSync, visitorKeys, type Node, type OxcError, type Program } from "oxc-parser";
import type * as Oxc from "oxc-parser";
import type { SourceModule } from "../../kernel/source.ts";
import { takeRememberedTree } from "./remembered-trees.ts";
import { SourceError } from "./source-error.ts";

/** Node types: `Ast.CallExpression`, `Ast.Expression`, `Ast.Node`, … */
export type * as Ast from "oxc-parser";

/** What kernel functions are made of; methods' values are function expressions too. */
export type FunctionNode = Oxc.ArrowFunctionExpression | Oxc.Function;

export interface ModuleAst {
  readonly module: SourceModule;
  readonly program: Program;
}

interface Cached extends ModuleAst {
  functions: ReadonlyMap<number, FunctionNode> | undefined;
}

const cache = new WeakMap<SourceModule, Cached>();

/** A loader on this thread has parsed the module before it ran and had an object of its own. */
const parsed = new Map<string, WeakRef<Cached>>();

/** The tree of a module, parsed once per module object. Throws {@link SourceError} (`syntax`). */
export const parseModule = (module: SourceModule): ModuleAst => cached(module);

/** The function whose first character is at `start`, as `FunctionSource.start` counts, or undefined. */
export const functionAt = (module: SourceModule, start: number): FunctionNode | undefined => {
  const ast = cached(module);
  ast.functions ??= indexFunctions(ast.program);
  return ast.functions.get(start);
};

/** Calls `visit` with every child of a node, types included, in the order of the text (save decorators and defaults). */
export const forEachChild = (node: Node, visit: (child: Node, key: string) => void): void => {
  for (const key of visitorKeys[node.type] ?? []) {
    const child: unknown = Reflect.get(node, key);
    if (Array.isArray(child)) {
      for (const element of child as unknown[]) if (isNode(element)) visit(element, key);
    } else if (isNode(child)) visit(child, key);
  }
};

/** A function with a body: arrow, expression, declaration, or a method's value. */
export const isFunction = (node: Node): node is FunctionNode =>
  node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression" || node.type === "FunctionDeclaration";

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value;

const cached = (module: SourceModule): Cached => {
  const known = cache.get(module);
  if (known !== undefined) return known;
  const before = parsed.get(module.url)?.deref();
  if (before?.module.text === module.text) {
    cache.set(module, before);
    return before;
  }
  const remembered = takeRememberedTree(module);
  if (remembered !== undefined) return keep({ module, program: remembered, functions: undefined });
  const result = parseSync(module.url, module.text, {
    lang: "ts",
    sourceType: "module",
    astType: "ts",
    preserveParens: false,
  });
  for (const error of result.errors) {
    if (error.severity !== "Error") continue;
    const { offset, message } = placed(error, module.text);
    throw new SourceError("syntax", message, { module, offset }, error.helpMessage ?? undefined);
  }
  return keep({ module, program: result.program, functions: undefined });
};

/** What is missed at the end of a file is missed behind the last that is there. */
const placed = ({ message, labels }: OxcError, text: string): { offset: number; message: string } => {
  const offset = labels[0]?.start ?? 0;
  const said = message.charAt(0).toLowerCase() + message.slice(1);
  if (text.trimEnd().length > offset) return { offset, message: said };
  return { offset: text.trimEnd().length, message: said.replace("`EOF`", "the end of the file") };
};

const keep = (ast: Cached): Cached => {
  cache.set(ast.module, ast);
  parsed.set(ast.module.url, new WeakRef(ast));
  return ast;
};

const indexFunctions = (program: Program): ReadonlyMap<number, FunctionNode> => {
  const functions = new Map<number, FunctionNode>();
  const visit = (node: Node): void => {
    if (isFunction(node)) functions.set(node.start, node);
    forEachChild(node, visit);
  };
  visit(program);
  return functions;
};
