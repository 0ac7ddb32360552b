/**
 * Blanks TypeScript's types in place: what remains is JavaScript with every character at its old offset, so that
 * positions, lines and columns need no map. Two things are moved rather than blanked, because JavaScript minds line
 * breaks there: a parenthesis of an arrow function whose types span lines, and the semicolon that the grammar would have
 * inserted after a type.
 */
import type { SourceModule } from "../../kernel/source.ts";
import { Blanks, skipTrivia } from "./blanks.ts";
import { isErased, refusal } from "./erasable.ts";
import { forEachChild, parseModule, type Ast, type FunctionNode, type ModuleAst } from "./parse.ts";
import { SourceError } from "./source-error.ts";
import { typeOnlyNames } from "./type-names.ts";

/** The module as JavaScript. Throws {@link SourceError} (`syntax`, `not-erasable`). */
export const stripTypes = (module: SourceModule): string => eraseTypes(parseModule(module));

/** {@link stripTypes} of a tree at hand. */
export const eraseTypes = (ast: ModuleAst): string => {
  const blanks = new Blanks(ast.module.text);
  new Eraser(ast, blanks).visit(ast.program, null);
  return blanks.toString();
};

class Eraser {
  readonly #module: SourceModule;
  readonly #blanks: Blanks;
  readonly #typeOnly: ReadonlySet<string>;

  constructor(ast: ModuleAst, blanks: Blanks) {
    this.#module = ast.module;
    this.#blanks = blanks;
    this.#typeOnly = typeOnlyNames(ast.program);
  }

  visit(node: Ast.Node, parent: Ast.Node | null): void {
    if (isErased(node)) return this.#eraseStatement(node);
    const refused = refusal(node);
    if (refused !== null) {
      throw new SourceError("not-erasable", refused.what, { module: this.#module, offset: node.start }, refused.hint);
    }
    switch (node.type) {
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        this.visit(node.expression, node);
        this.#blanks.blank(this.#skipParentheses(node.expression.end), node.end);
        return;
      case "TSInstantiationExpression":
        break;
      case "ImportSpecifier":
        if (node.importKind === "type") this.#eraseListItem(node);
        return;
      case "ExportSpecifier":
        if (node.exportKind === "type" || this.#isTypeOnly(node, parent)) this.#eraseListItem(node);
        return;
      default:
        if (node.type.startsWith("TS")) return this.#blanks.blank(node.start, node.end);
    }
    forEachChild(node, (child) => this.visit(child, node));
    this.#finish(node, parent);
  }

  /** What a node needs beyond the blanking of its type children. */
  #finish(node: Ast.Node, parent: Ast.Node | null): void {
    switch (node.type) {
      case "Identifier":
        if (isOptional(node)) this.#blankAt(this.#blanks.find("?", node.start));
        return;
      case "ObjectPattern":
      case "ArrayPattern":
        if (isOptional(node)) this.#blankLast("?", node.typeAnnotation?.start ?? node.end);
        return;
      case "VariableDeclarator":
        if (node.definite === true) this.#blankAt(this.#blanks.find("!", node.id.start));
        return;
      case "ArrowFunctionExpression":
        return this.#joinArrow(node);
      case "FunctionDeclaration":
      case "FunctionExpression":
        return this.#eraseThis(node);
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#finishClass(node);
      case "MethodDefinition":
      case "PropertyDefinition":
      case "AccessorProperty":
        this.#finishMember(node);
        return this.#endStatement(node);
      case "VariableDeclaration":
        if (!isLoopHead(node, parent)) this.#endStatement(node);
        return;
      case "ExpressionStatement":
      case "ReturnStatement":
      case "ThrowStatement":
      case "ExportDefaultDeclaration":
        return this.#endStatement(node);
      default:
    }
  }

  /** A semicolon stays, so that the lines before and after do not grow together. */
  #eraseStatement(node: Ast.Node): void {
    this.#blanks.blank(node.start, node.end);
    this.#blanks.put(node.start, ";");
  }

  /** A statement that ended in a type, without semicolon, gets one: the next line may start with `(` or `[`. */
  #endStatement(node: Ast.Node): void {
    if (this.#blanks.isBlanked(node.end - 1)) this.#blanks.put(node.end - 1, ";");
  }

  #eraseListItem(node: Ast.Node): void {
    this.#blanks.blank(node.start, node.end);
    const comma = skipTrivia(this.#blanks.text, node.end);
    if (this.#blanks.text[comma] === ",") this.#blankAt(comma);
  }

  #isTypeOnly({ local }: Ast.ExportSpecifier, parent: Ast.Node | null): boolean {
    const isReExport = parent?.type === "ExportNamedDeclaration" && parent.source !== null;
    return !isReExport && local.type === "Identifier" && this.#typeOnly.has(local.name);
  }

  #eraseThis(node: Ast.Function): void {
    const first = node.params[0];
    if (first?.type === "Identifier" && first.name === "this") this.#eraseListItem(first);
  }

  /** No line break may stand between `async` or `return` and a parameter list, nor between the list and `=>`. */
  #joinArrow(node: FunctionNode): void {
    const { typeParameters, returnType } = node;
    if (typeParameters) {
      const open = skipTrivia(this.#blanks.text, typeParameters.end);
      if (this.#blanks.hasLineBreak(typeParameters.start, open)) {
        this.#blankAt(open);
        this.#blanks.put(typeParameters.start, "(");
      }
    }
    if (returnType) {
      const last = node.params.at(-1);
      const close = this.#blanks.find(")", last?.end ?? typeParameters?.end ?? node.start);
      if (this.#blanks.hasLineBreak(close, returnType.end)) {
        this.#blankAt(close);
        this.#blanks.put(returnType.end - 1, ")");
      }
    }
  }

  #finishClass(node: Ast.Class): void {
    if (node.abstract === true) this.#blanks.blank(node.start, node.start + "abstract".length);
    const last = node.implements?.at(-1);
    if (last === undefined) return;
    const head = (node.superTypeArguments ?? node.superClass ?? node.typeParameters ?? node.id)?.end ?? node.start;
    this.#blanks.blank(this.#blanks.find("implements", head), last.end);
  }

  #finishMember(node: Ast.MethodDefinition | Ast.PropertyDefinition | Ast.AccessorProperty): void {
    const { text } = this.#blanks;
    let at = node.start;
    while (at < node.key.start) {
      word.lastIndex = at;
      const found = word.exec(text)?.[0] ?? "";
      if (modifiers.has(found)) {
        this.#blanks.blank(at, at + found.length);
        // The member now starts with `[` or `*`, perhaps, and the one before has no semicolon.
        if (at === node.start) this.#blanks.put(at, ";");
      } else if (text[at] === "[") break;
      at = skipTrivia(text, at + Math.max(found.length, 1));
    }
    if (isOptional(node)) this.#blankAt(this.#blanks.find("?", node.key.end));
    if ("definite" in node && node.definite === true) this.#blankAt(this.#blanks.find("!", node.key.end));
  }

  /** From the end of an expression past the parentheses around it, which the tree leaves out. */
  #skipParentheses(end: number): number {
    let at = skipTrivia(this.#blanks.text, end);
    while (this.#blanks.text[at] === ")") at = skipTrivia(this.#blanks.text, at + 1);
    return at;
  }

  #blankAt(at: number): void {
    this.#blanks.blank(at, at + 1);
  }

  #blankLast(character: string, before: number): void {
    const at = this.#blanks.text.lastIndexOf(character, before - 1);
    if (at !== -1) this.#blankAt(at);
  }
}

const word = /[a-z]*/y;
const modifiers = new Set(["private", "public", "protected", "readonly", "override", "declare", "abstract"]);

/** The parser's types say that parameters and members are never optional; its trees say otherwise. */
const isOptional = (node: Ast.Node): boolean => Reflect.get(node, "optional") === true;

const isLoopHead = (node: Ast.Node, parent: Ast.Node | null): boolean =>
  (parent?.type === "ForStatement" && parent.init === node) ||
  ((parent?.type === "ForInStatement" || parent?.type === "ForOfStatement") && parent.left === node);
