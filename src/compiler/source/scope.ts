/**
 * Free names: what each function of a module uses and does not declare itself, as far as the module declares it.
 * Globals (names that no scope of the module declares) and names that only types use are not among them. A function
 * declaration's own name is free in it when its body uses it; a named function expression's own name is not, since only
 * the function itself can see it.
 */
import { isErased } from "./erasable.ts";
import { forEachChild, isFunction, type Ast, type FunctionNode, type ModuleAst } from "./parse.ts";

/** Every function of the module, methods included, with its free names in the order of their first use. */
export const freeNames = (ast: ModuleAst): ReadonlyMap<FunctionNode, readonly string[]> => {
  const analysis = new Analysis();
  analysis.visit(ast.program, new Scope(null, null, true));
  return analysis.resolve();
};

class Scope {
  readonly parent: Scope | null;
  /** The function of which this scope is the outermost. */
  readonly owner: FunctionNode | null;
  /** Whether `var` stops here. */
  readonly hoists: boolean;
  readonly names = new Set<string>();

  constructor(parent: Scope | null, owner: FunctionNode | null, hoists: boolean) {
    this.parent = parent;
    this.owner = owner;
    this.hoists = hoists;
  }

  declare(name: string): void {
    this.names.add(name);
  }

  declareVar(name: string): void {
    if (this.hoists || this.parent === null) this.names.add(name);
    else this.parent.declareVar(name);
  }
}

class Analysis {
  readonly #functions = new Map<FunctionNode, Set<string>>();
  readonly #references: { readonly name: string; readonly scope: Scope }[] = [];

  /** Names are looked up once all are declared: declarations hoist. */
  resolve(): ReadonlyMap<FunctionNode, readonly string[]> {
    for (const { name, scope } of this.#references) {
      const crossed: FunctionNode[] = [];
      let at: Scope | null = scope;
      while (at !== null && !at.names.has(name)) {
        if (at.owner !== null) crossed.push(at.owner);
        at = at.parent;
      }
      if (at === null) continue;
      for (const owner of crossed) this.#functions.get(owner)?.add(name);
    }
    return new Map([...this.#functions].map(([node, names]) => [node, [...names]]));
  }

  visit(node: Ast.Node, scope: Scope): void {
    if (isErased(node)) return;
    if (isFunction(node)) return this.#function(node, scope);
    switch (node.type) {
      case "Identifier":
        this.#references.push({ name: node.name, scope });
        return;
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSInstantiationExpression":
      case "TSTypeAssertion":
        return this.visit(node.expression, scope);
      case "MemberExpression":
        this.visit(node.object, scope);
        if (node.computed) this.visit(node.property, scope);
        return;
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
      case "AccessorProperty":
        if (node.computed) this.visit(node.key, scope);
        if (node.value) this.visit(node.value, scope);
        return;
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          this.#pattern(id, scope, node.kind === "var");
          if (init) this.visit(init, scope);
        }
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#class(node, scope);
      case "ImportDeclaration":
        for (const specifier of node.specifiers) {
          if (specifier.type !== "ImportSpecifier" || specifier.importKind !== "type")
            scope.declare(specifier.local.name);
        }
        return;
      case "ExportNamedDeclaration":
        if (node.declaration !== null) this.visit(node.declaration, scope);
        return;
      case "ExportAllDeclaration":
      case "MetaProperty":
      case "BreakStatement":
      case "ContinueStatement":
        return;
      case "LabeledStatement":
        return this.visit(node.body, scope);
      case "CatchClause":
        return this.#catch(node, scope);
      case "BlockStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "SwitchStatement":
        return this.#children(node, new Scope(scope, null, false));
      case "StaticBlock":
        return this.#children(node, new Scope(scope, null, true));
      default:
        if (!node.type.startsWith("TS")) this.#children(node, scope);
    }
  }

  #children(node: Ast.Node, scope: Scope): void {
    forEachChild(node, (child) => this.visit(child, scope));
  }

  /** Parameters and body are scopes of their own: a default does not see the body's `var`. */
  #function(node: FunctionNode, scope: Scope): void {
    this.#functions.set(node, new Set());
    if (node.type === "FunctionDeclaration" && node.id !== null) scope.declare(node.id.name);
    const own = new Scope(scope, node, false);
    if (node.type === "FunctionExpression" && node.id !== null) own.declare(node.id.name);
    const parameters = new Scope(own, null, true);
    if (node.type !== "ArrowFunctionExpression") parameters.declare("arguments");
    for (const parameter of node.params) this.#pattern(parameter, parameters, false);
    const { body } = node;
    if (body === null) return;
    if (body.type === "BlockStatement") this.#children(body, new Scope(parameters, null, true));
    else this.visit(body, parameters);
  }

  #class(node: Ast.Class, scope: Scope): void {
    if (node.type === "ClassDeclaration" && node.id !== null) scope.declare(node.id.name);
    const inner = new Scope(scope, null, false);
    if (node.id !== null) inner.declare(node.id.name);
    if (node.superClass !== null) this.visit(node.superClass, inner);
    this.#children(node.body, inner);
  }

  #catch(node: Ast.CatchClause, scope: Scope): void {
    const inner = new Scope(scope, null, false);
    if (node.param !== null) this.#pattern(node.param, inner, false);
    this.visit(node.body, inner);
  }

  /** Declares a pattern's names and visits its defaults and computed keys. */
  #pattern(node: Ast.Node, scope: Scope, isVar: boolean): void {
    switch (node.type) {
      case "Identifier":
        if (isVar) scope.declareVar(node.name);
        else scope.declare(node.name);
        return;
      case "AssignmentPattern":
        this.#pattern(node.left, scope, isVar);
        return this.visit(node.right, scope);
      case "ArrayPattern":
        for (const element of node.elements) if (element !== null) this.#pattern(element, scope, isVar);
        return;
      case "ObjectPattern":
        for (const property of node.properties) this.#pattern(property, scope, isVar);
        return;
      case "Property":
        if (node.computed) this.visit(node.key, scope);
        return this.#pattern(node.value, scope, isVar);
      case "RestElement":
        return this.#pattern(node.argument, scope, isVar);
      default:
    }
  }
}
