/**
 * Turns a `*.bpf.ts` module into JavaScript whose functions know their source: types are blanked in place, and every
 * arrow function, function expression and function declaration is registered with `kernelFunction` under its offset in
 * the text as written, with a thunk of its free names. Methods, getters and setters are not registered (their values are
 * not functions one hands to a program), nor what types alone declare.
 *
 * The thunk returns an object of getters, `() => ({ get flows() { return flows } })`: reading a name yields its value at
 * that moment, a name not read costs nothing, and one in its temporal dead zone throws its own ReferenceError when it is
 * read and disturbs no other.
 *
 * Everything inserted stands on the line it belongs to, so that lines stay true. Names of functions are kept, save for
 * those that JavaScript would take from a computed property key.
 */
import { eraseTypes } from "./strip.ts";
import { forEachChild, isFunction, parseModule, type Ast, type FunctionNode, type ModuleAst } from "./parse.ts";
import { isErased } from "./erasable.ts";
import { applyEdits, importEdits, type Edit } from "./import-edits.ts";
import { freeNames } from "./scope.ts";
import { skipTrivia } from "./blanks.ts";

export interface TransformOptions {
  /** The module's name for people: `src/mark/ioam/encap/encap.bpf.ts`. */
  readonly url: string;
  /** Specifier of the module that exports `kernelFunction`, as seen from the transformed module. */
  readonly runtime: string;
  /** Renames what the module imports from: a build lets relative imports end in `.js`. */
  readonly importAs?: (specifier: string) => string;
}

/** Throws `SourceError` for text that is not TypeScript or not erasable. */
export const transformModule = (text: string, options: TransformOptions): { readonly code: string } => {
  const ast = parseModule({ url: options.url, text });
  const erased = eraseTypes(ast);
  const edits = new Edits(ast, erased).collect(options);
  return { code: applyEdits(erased, edits) };
};

class Edits {
  readonly #ast: ModuleAst;
  readonly #erased: string;
  readonly #free: ReadonlyMap<FunctionNode, readonly string[]>;
  /** At one offset what ends comes first (inner before outer), then what a block starts with, then what begins. */
  readonly #ends: Edit[] = [];
  readonly #blocks: Edit[] = [];
  readonly #begins: Edit[] = [];
  readonly #variables = new Map<Ast.Node, string>();
  readonly #register: string;
  readonly #anonymous: string;

  constructor(ast: ModuleAst, erased: string) {
    this.#ast = ast;
    this.#erased = erased;
    this.#free = freeNames(ast);
    this.#register = unused("kernelFunction", ast.module.text);
    this.#anonymous = unused("defaultFunction", ast.module.text);
  }

  collect(options: TransformOptions): readonly Edit[] {
    const { program } = this.#ast;
    const registrations = this.#registrations(program.body);
    for (const statement of program.body) this.#visit(statement, undefined, false);
    if (options.importAs !== undefined) this.#begins.push(...importEdits(program, options.importAs));
    if (registrations !== "" || this.#ends.length > 0 || this.#blocks.length > 0) {
      const start = program.hashbang === null ? 0 : this.#ast.module.text.indexOf("\n") + 1;
      this.#insertFirst(program.body, start, this.#prelude(options) + registrations);
    }
    return [...this.#ends.toReversed(), ...this.#blocks, ...this.#begins].toSorted((a, b) => a.at - b.at);
  }

  /** `var` and a function: a function of this module may be called, from a cycle, before the module has run. */
  #prelude({ runtime }: TransformOptions): string {
    const { text } = this.#ast.module;
    const imported = unused("register", text);
    const source = unused("sourceModule", text);
    const { url } = this.#ast.module;
    return (
      `import { kernelFunction as ${imported} } from ${JSON.stringify(runtime)}; ` +
      `var ${source}; function ${this.#register}(fn, start, captures, variable) { return ${imported}(fn, ` +
      `${source} ??= { url: ${JSON.stringify(url)}, text: ${JSON.stringify(text)} }, start, captures, variable); } `
    );
  }

  /** `name`: what JavaScript would call an anonymous function here. */
  #visit(node: Ast.Node, name: string | undefined, isConstructor: boolean): void {
    if (isErased(node)) return;
    if (isFunction(node) && node.type !== "FunctionDeclaration") this.#wrap(node, name, isConstructor);
    switch (node.type) {
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSInstantiationExpression":
        return this.#visit(node.expression, name, isConstructor);
      case "VariableDeclarator":
        this.#noteVariable(node);
        return this.#visitNamed(node, "init", node.id);
      case "AssignmentExpression":
        return this.#visitNamed(node, "right", namingOperators.has(node.operator) ? node.left : null);
      case "AssignmentPattern":
        return this.#visitNamed(node, "right", node.left);
      case "PropertyDefinition":
        return this.#visitNamed(node, "value", node.computed ? null : node.key);
      case "Property":
        if (node.method || node.kind !== "init") return this.#visitMethod(node.key, node.value);
        return this.#visitNamed(node, "value", node.computed || isPrototype(node.key) ? null : node.key);
      case "MethodDefinition":
        return this.#visitMethod(node.key, node.value);
      case "ExportDefaultDeclaration":
        return this.#visit(node.declaration, "default", false);
      case "NewExpression":
        this.#visit(node.callee, undefined, true);
        for (const argument of node.arguments) this.#visit(argument, undefined, false);
        return;
      case "BlockStatement":
      case "StaticBlock":
        this.#block(node);
        break;
      case "SwitchStatement":
        this.#switch(node);
        break;
      default:
        if (node.type.startsWith("TS")) return;
    }
    forEachChild(node, (child) => this.#visit(child, undefined, false));
  }

  #visitNamed(node: Ast.Node, key: string, target: Ast.Node | null): void {
    forEachChild(node, (child, at) => this.#visit(child, at === key ? nameOf(target) : undefined, false));
  }

  #visitMethod(key: Ast.Node, value: Ast.Node): void {
    this.#visit(key, undefined, false);
    forEachChild(value, (child) => this.#visit(child, undefined, false));
  }

  /** `kernelFunction({["f"]:(x) => …}["f"], 12, () => …)`: the property names the function as its place would have. */
  #wrap(node: FunctionNode, name: string | undefined, isConstructor: boolean): void {
    const key = node.id === null && name !== undefined ? `[${JSON.stringify(name)}]` : undefined;
    const open = `${isConstructor ? "(" : ""}${this.#register}(${key === undefined ? "" : `{${key}:`}`;
    const close = `${key === undefined ? "" : `}${key}`}, ${node.start}, ${this.#captures(node)}${this.#variableOf(node)})${isConstructor ? ")" : ""}`;
    // A semicolon that erasing put over the function's last character belongs to the statement.
    const semicolon = this.#erased[node.end - 1] === ";" && this.#ast.module.text[node.end - 1] !== ";";
    this.#begins.push({ at: node.start, remove: 0, text: open });
    this.#ends.push({ at: semicolon ? node.end - 1 : node.end, remove: 0, text: close });
  }

  /** `const count = xdp((ctx) => …)`: the variable names the program. */
  #noteVariable({ id, init }: Ast.VariableDeclarator): void {
    if (id.type !== "Identifier" || init?.type !== "CallExpression") return;
    for (const argument of init.arguments) if (isFunction(argument)) this.#variables.set(argument, id.name);
  }

  #variableOf(node: FunctionNode): string {
    const variable = this.#variables.get(node);
    return variable === undefined ? "" : `, ${JSON.stringify(variable)}`;
  }

  #captures(node: FunctionNode): string {
    const names = this.#free.get(node) ?? [];
    return `() => ({${names.map((name) => `get ${name}(){return ${name}}`).join(",")}})`;
  }

  /** Function declarations exist from the start of their block, so they are registered there. */
  #registrations(statements: readonly Ast.Node[]): string {
    return statements.map((statement) => this.#registration(statement)).join("");
  }

  #registration(statement: Ast.Node): string {
    if (isErased(statement)) return "";
    switch (statement.type) {
      case "ExportNamedDeclaration":
        return statement.declaration === null ? "" : this.#registration(statement.declaration);
      case "ExportDefaultDeclaration":
        return this.#registration(statement.declaration);
      case "FunctionDeclaration": {
        const name = statement.id?.name ?? this.#nameDefault(statement);
        const register = `${this.#register}(${name}, ${statement.start}, ${this.#captures(statement)}); `;
        return statement.id === null
          ? `Object.defineProperty(${register.slice(0, -2)}, "name", { value: "default", configurable: true }); `
          : register;
      }
      default:
        return "";
    }
  }

  /** `export default function () {}` hoists; it gets a name by which to register it. */
  #nameDefault(node: FunctionNode): string {
    const { text } = this.#ast.module;
    let at = text.indexOf("function", node.start) + "function".length;
    const star = skipTrivia(text, at);
    if (text[star] === "*") at = star + 1;
    this.#begins.push({ at, remove: 0, text: ` ${this.#anonymous}` });
    return this.#anonymous;
  }

  #block(node: Ast.BlockStatement | Ast.StaticBlock): void {
    const text = this.#registrations(node.body);
    if (text === "") return;
    const open = this.#ast.module.text.indexOf("{", node.start) + 1;
    this.#insertFirst(node.body, open, text);
  }

  /** Inserts statements before `statements`, which start at `start`, but after their directives. */
  #insertFirst(statements: readonly Ast.Node[], start: number, text: string): void {
    const directive = statements.findLast(
      (statement) => statement.type === "ExpressionStatement" && typeof statement.directive === "string",
    );
    const at = directive?.end ?? start;
    const isOpen = directive !== undefined && this.#ast.module.text[at - 1] !== ";";
    this.#blocks.push({ at, remove: 0, text: isOpen ? `; ${text}` : text });
  }

  /** The cases share one scope that has no start of its own: each case registers. */
  #switch(node: Ast.SwitchStatement): void {
    const text = this.#registrations(node.cases.flatMap((one) => one.consequent));
    if (text === "") return;
    for (const one of node.cases) {
      const first = one.consequent[0];
      if (first !== undefined) this.#blocks.push({ at: first.start, remove: 0, text });
    }
  }
}

const namingOperators = new Set(["=", "||=", "&&=", "??="]);

const nameOf = (target: Ast.Node | null): string | undefined => {
  switch (target?.type) {
    case "Identifier":
      return target.name;
    case "PrivateIdentifier":
      return `#${target.name}`;
    case "Literal":
      return String(target.value);
    default:
      return undefined;
  }
};

/** `{ __proto__: f }` sets the prototype and names nothing. */
const isPrototype = (key: Ast.Node): boolean => nameOf(key) === "__proto__";

/** A name that the text does not hold. */
const unused = (base: string, text: string): string => {
  let name = `$${base}`;
  while (text.includes(name)) name = `$${name}`;
  return name;
};
