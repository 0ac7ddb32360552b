/** Names and what they stand for. */
import type { Label } from "./flow.ts";
import type { NumberIterator } from "./number-iterator.ts";
import type { Value } from "./values.ts";

/** A declared name. Names never assigned again keep their value here; the others' values live in the flow state. */
export class Variable {
  readonly name: string;
  readonly reassigned: boolean;
  /** What was declared with `const`, and a function under its own name, is never assigned again. */
  readonly isConstant: boolean;
  value: Value | null = null;

  constructor(name: string, reassigned: boolean, isConstant: boolean) {
    this.name = name;
    this.reassigned = reassigned;
    this.isConstant = isConstant;
  }
}

/** Where `return`, `break` and `continue` go from the code of a scope. */
export interface Targets {
  /** Set on a function's outermost scope; null label: the program itself returns. */
  readonly exit?: { readonly label: Label | null };
  readonly breakTo?: Label;
  readonly continueTo?: Label;
  /** Set within the rounds of a `range()` loop: what leaves them destroys it. */
  readonly iterator?: NumberIterator;
  /** The statement's own label: `outer: for (…)`. */
  readonly name?: string | null;
  /** A labelled block or `if`: only a `break` that names it leaves it. */
  readonly isBlock?: boolean;
}

export class Scope {
  readonly parent: Scope | null;
  readonly targets: Targets;
  /** Values of the free names of a function from another module, or of the program itself. */
  readonly captures: Readonly<Record<string, unknown>> | null;
  /** Names that some assignment in the function names, however deep. */
  readonly assigned: ReadonlySet<string>;
  readonly #names = new Map<string, Variable>();

  constructor(
    parent: Scope | null,
    assigned: ReadonlySet<string>,
    captures: Readonly<Record<string, unknown>> | null = null,
    targets: Targets = {},
  ) {
    this.parent = parent;
    this.targets = targets;
    this.assigned = assigned;
    this.captures = captures;
  }

  /** A scope within this one, of the same function. */
  inner(targets: Targets = {}): Scope {
    return new Scope(this, this.assigned, null, targets);
  }

  /** This scope and those around it, up to the function's outermost. */
  *ofFunction(): Generator<Scope> {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      yield scope;
      if (scope.targets.exit !== undefined) return;
    }
  }

  declare(name: string, isConstant = false): Variable {
    const variable = new Variable(name, !isConstant && this.assigned.has(name), isConstant);
    this.#names.set(name, variable);
    return variable;
  }

  find(name: string): Variable | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.#names.get(name);
      if (found !== undefined) return found;
      // A function of another module sees its own captures and nothing of its caller.
      if (scope.captures !== null) return undefined;
    }
    return undefined;
  }

  /** Every name that {@link find} or {@link capture} knows from here. */
  visibleNames(): string[] {
    const names: string[] = [];
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      names.push(...scope.#names.keys());
      if (scope.captures !== null) return [...names, ...Object.keys(scope.captures)];
    }
    return names;
  }

  /** Captured values visible from here: those of the function the code was written in. */
  capture(name: string): { value: unknown } | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.captures !== null) return name in scope.captures ? { value: scope.captures[name] } : undefined;
    }
    return undefined;
  }
}
