/**
 * A module's JavaScript as a function of what it imports, for a program whose modules are run one after the other: what Node.js
 * makes ready for ES modules takes it longer than all of such a program. Lines and columns stay where they are.
 */
import { applyEdits, type Edit } from "./import-edits.ts";
import type { Place } from "./entry-names.ts";
import { forEachChild, isFunction, parseModule, type Ast } from "./parse.ts";

export interface ModuleFunction {
  /**
   * A script whose value is a function of `(imported, importMeta)`: the first holds what each of `imports` exports, in
   * their order. It returns what the module exports, as a promise when it is `isAsync`.
   */
  readonly code: string;
  /** How many characters of the first line stand before the module's own. */
  readonly prologue: number;
  readonly imports: readonly ImportedNames[];
  readonly exports: readonly string[];
  /** It awaits at its top level. */
  readonly isAsync: boolean;
  readonly usesMeta: boolean;
}

export interface ImportedNames {
  readonly specifier: string;
  readonly names: readonly string[];
  /** Where Hopmark has them, in the same order. */
  readonly places?: readonly Place[] | undefined;
}

/**
 * Undefined where a function would not do the same: whole namespaces, `export *`, exports that change after the module has
 * run, `eval`, and some that are rare.
 */
export const moduleFunction = (url: string, code: string): ModuleFunction | undefined => {
  // Under a name of its own: the compiler asks for the tree of the text as written.
  const { program } = parseModule({ url: `${url}, to be run`, text: code });
  if (/\$(?:imported|importMeta|default)\b|\beval\b/.test(code)) return undefined;
  try {
    return new Rewriting(code).rewrite(program);
  } catch (error) {
    if (error instanceof NotAlike) return undefined;
    throw error;
  }
};

/** It would not do the same as a function. */
class NotAlike extends Error {}

class Rewriting {
  readonly #code: string;
  readonly #edits: Edit[] = [];
  readonly #imports: { readonly specifier: string; readonly names: string[]; readonly locals: string[] }[] = [];
  /** What it exports under which local name. */
  readonly #exports = new Map<string, string>();
  readonly #assigned = new Set<string>();
  #isAsync = false;
  #usesMeta = false;

  constructor(code: string) {
    this.#code = code;
  }

  rewrite(program: Ast.Program): ModuleFunction {
    if (program.hashbang !== null) this.#edits.push({ at: 0, remove: 2, text: "//" });
    for (const statement of program.body) this.#statement(statement);
    if ([...this.#exports.values()].some((local) => this.#assigned.has(local))) throw new NotAlike();
    const edits = this.#edits.toSorted((one, other) => one.at - other.at);
    const imports = this.#imports.filter(({ names }) => names.length > 0);
    const prologue = `"use strict";(${this.#isAsync ? "async " : ""}function($imported,$importMeta){${destructuring(imports)}`;
    return {
      code: `${prologue}${applyEdits(this.#code, edits)}\nreturn {__proto__:null${exported(this.#exports)}};})`,
      prologue: prologue.length,
      imports: imports.map(({ specifier, names }) => ({ specifier, names })),
      exports: [...this.#exports.keys()],
      isAsync: this.#isAsync,
      usesMeta: this.#usesMeta,
    };
  }

  #statement(node: Ast.Node): void {
    switch (node.type) {
      case "ImportDeclaration":
        return this.#import(node);
      case "ExportNamedDeclaration":
        return node.source === null ? this.#export(node) : this.#reexport(node);
      case "ExportDefaultDeclaration":
        return this.#exportDefault(node);
      case "ExportAllDeclaration":
        throw new NotAlike();
      default:
        this.#visit(node, false);
    }
  }

  #import(node: Ast.ImportDeclaration): void {
    const { names, locals } = this.#importFrom(node.source.value);
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportNamespaceSpecifier") throw new NotAlike();
      names.push(specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : "default");
      locals.push(specifier.local.name);
    }
    this.#blank(node.start, node.end);
  }

  #export(node: Ast.ExportNamedDeclaration): void {
    const { declaration } = node;
    if (declaration === null) {
      for (const { exported: name, local } of node.specifiers) this.#exports.set(nameOf(name), nameOf(local));
      this.#blank(node.start, node.end);
      return;
    }
    this.#blank(node.start, declaration.start);
    for (const name of declaredNames(declaration)) this.#exports.set(name, name);
    this.#visit(declaration, false);
  }

  #reexport(node: Ast.ExportNamedDeclaration): void {
    const { names, locals } = this.#importFrom(node.source?.value ?? "");
    for (const { exported: name, local } of node.specifiers) {
      const own = `$default${this.#exports.size}`;
      names.push(nameOf(local));
      locals.push(own);
      this.#exports.set(nameOf(name), own);
    }
    this.#blank(node.start, node.end);
  }

  #exportDefault({ start, declaration }: Ast.ExportDefaultDeclaration): void {
    if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") {
      // Without a name it is called `default`, which no declaration can be.
      if (declaration.id === null) throw new NotAlike();
      this.#exports.set("default", declaration.id.name);
      this.#blank(start, declaration.start);
    } else {
      if (isFunction(declaration) || declaration.type === "ClassExpression") throw new NotAlike();
      this.#exports.set("default", "$default");
      const length = declaration.start - start;
      this.#edits.push({ at: start, remove: length, text: "const $default=".padEnd(length) });
    }
    this.#visit(declaration, false);
  }

  #importFrom(specifier: string): { readonly names: string[]; readonly locals: string[] } {
    const entry = { specifier, names: [], locals: [] };
    this.#imports.push(entry);
    return entry;
  }

  /** `isInside`: in a function that has an `arguments` and an `await` of its own. */
  #visit(node: Ast.Node, isInside: boolean, awaits = isInside): void {
    switch (node.type) {
      case "AwaitExpression":
        if (!awaits) this.#isAsync = true;
        break;
      case "ForOfStatement":
        if (node.await && !awaits) this.#isAsync = true;
        if (node.left.type !== "VariableDeclaration") this.#assign(node.left);
        break;
      case "ForInStatement":
        if (node.left.type !== "VariableDeclaration") this.#assign(node.left);
        break;
      case "AssignmentExpression":
        this.#assign(node.left);
        break;
      case "UpdateExpression":
        this.#assign(node.argument);
        break;
      case "Identifier":
        if (node.name === "arguments" && !isInside) throw new NotAlike();
        return;
      case "MemberExpression":
        if (isImportMeta(node.object) && isOfImportMeta(node)) {
          const { start, end } = node.object;
          this.#usesMeta = true;
          this.#edits.push({ at: start, remove: end - start, text: "$importMeta".padEnd(end - start) });
          return;
        }
        break;
      case "MetaProperty":
        if (isImportMeta(node)) throw new NotAlike();
        return;
      default:
    }
    const isOwn = isFunction(node) && node.type !== "ArrowFunctionExpression";
    forEachChild(node, (child) => this.#visit(child, isInside || isOwn, awaits || isFunction(node)));
  }

  /** Notes the names, whosever they are: those of an inner scope are taken for the module's. */
  #assign(target: Ast.Node): void {
    if (target.type === "Identifier") this.#assigned.add(target.name);
    else if (target.type !== "MemberExpression") forEachChild(target, (child) => this.#assign(child));
  }

  /** Lines stay. */
  #blank(start: number, end: number): void {
    const text = this.#code.slice(start, end).replace(/[^\r\n\u2028\u2029]/g, " ");
    this.#edits.push({ at: start, remove: end - start, text });
  }
}

const isImportMeta = (node: Ast.Node): boolean => node.type === "MetaProperty" && node.meta.name === "import";

/** What every version of Node.js has there, but `resolve`. */
const isOfImportMeta = (node: Ast.MemberExpression): boolean =>
  !node.computed && node.property.type === "Identifier" && /^(?:url|dirname|filename)$/.test(node.property.name);

const nameOf = (node: Ast.ModuleExportName): string => (node.type === "Literal" ? node.value : node.name);

const declaredNames = (node: Ast.Declaration): readonly string[] => {
  if (node.type === "VariableDeclaration") return node.declarations.flatMap(({ id }) => boundNames(id));
  if (node.type !== "FunctionDeclaration" && node.type !== "ClassDeclaration") throw new NotAlike();
  return node.id === null ? [] : [node.id.name];
};

const boundNames = (pattern: Ast.Node): readonly string[] => {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "RestElement" ? property.argument : property.value),
      );
    case "RestElement":
      return boundNames(pattern.argument);
    default:
      throw new NotAlike();
  }
};

const destructuring = (
  imports: readonly { readonly names: readonly string[]; readonly locals: readonly string[] }[],
): string =>
  imports
    .map(({ names, locals }, index) => {
      const pattern = names.map((name, at) => `${JSON.stringify(name)}:${locals[at] ?? ""}`).join(",");
      return `const {${pattern}}=$imported[${index}];`;
    })
    .join("");

/** In the order in which a namespace has them. */
const exported = (exports: ReadonlyMap<string, string>): string =>
  [...exports]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, local]) => `,${name === "__proto__" ? '["__proto__"]' : JSON.stringify(name)}:${local}`)
    .join("");
