/** What was refused of a program so far. Evaluating goes on behind most of it, so that all mistakes are told at once. */
import type { SourceModule } from "../../kernel/source.ts";
import type { Node } from "../ssa/ir.ts";
import type { Variable } from "./scope.ts";
import type { ConflictValue } from "./values.ts";
import { CompileError, MOST_DIAGNOSTICS, type Diagnostic, type DiagnosticCode } from "../diagnostics.ts";

/** Thrown where something refused is used: that has been told, so this tells nothing. */
export const toldAlready = new CompileError([]);

/** Behind these, evaluating would only take long. */
const endings: ReadonlySet<DiagnosticCode> = new Set(["HM1008", "HM1304"]);

/** What a test may have been to prove. */
const proofs: ReadonlySet<DiagnosticCode> = new Set([
  "HM1102",
  "HM1103",
  "HM1104",
  "HM1105",
  "HM1106",
  "HM1108",
  "HM1201",
  "HM1203",
  "HM1204",
  "HM1206",
  "HM1303",
]);

export class Refusals {
  readonly diagnostics: Diagnostic[] = [];
  /** Variables that refused tests ask about, and those that follow from them: what is not proven of them may be the tests' fault. */
  readonly doubted = new Set<Variable>();
  /** Pointers that were used where they may be null, and values where they may differ: told where they were used first. */
  readonly used = new Set<Node | ConflictValue>();
  /** Told instead of whatever is not proven of a loop that has no bound. */
  instead: Diagnostic | null = null;
  /** A loop or its like was refused: nobody knows whether what is behind it is reached. */
  hasHole = false;
  readonly #places = new Map<SourceModule, Set<number>>();
  #met = 0;
  #isOver = false;

  /** How often something was refused, told or not: where this has grown, what was evaluated is not whole. */
  get met(): number {
    return this.#met;
  }

  /**
   * Keeps what `error` says, unless it was said of this place already, or of `variables` in doubt. Throws it when evaluating cannot
   * go on.
   */
  keep(error: unknown, variables: () => readonly Variable[]): void {
    this.last(error, variables);
    if (this.#isOver) throw error;
  }

  /** Keeps what is said of a place behind which evaluating goes on. */
  report(diagnostic: Diagnostic): void {
    this.keep(new CompileError([diagnostic]), () => []);
  }

  /** The same of what ended the program's evaluation. */
  last(error: unknown, variables: () => readonly Variable[] = () => []): void {
    if (!(error instanceof CompileError)) throw error;
    this.#met++;
    for (const diagnostic of this.translated(error).diagnostics) {
      if (this.#isOver || this.#isDoubtful(diagnostic, variables)) continue;
      this.#isOver = endings.has(diagnostic.code);
      // A program may have become too long by what was taken in the place of what was refused.
      if (this.#isOver && this.diagnostics.length > 0) continue;
      if (!this.#isNew(diagnostic)) continue;
      this.diagnostics.push(diagnostic);
      if (this.diagnostics.length === MOST_DIAGNOSTICS) this.#isOver = true;
    }
  }

  /** The error with what is told instead of what it says. */
  translated(error: CompileError): CompileError {
    const { instead } = this;
    if (instead === null || !error.diagnostics.some(({ code }) => proofs.has(code))) return error;
    return new CompileError(error.diagnostics.map((each) => (proofs.has(each.code) ? instead : each)));
  }

  throwAny(): void {
    if (this.diagnostics.length > 0) throw new CompileError(this.diagnostics);
  }

  /** Whether one of `variables` is in doubt. */
  isDoubted(variables: () => readonly Variable[]): boolean {
    return this.doubted.size > 0 && variables().some((variable) => this.doubted.has(variable));
  }

  #isDoubtful({ code }: Diagnostic, variables: () => readonly Variable[]): boolean {
    return proofs.has(code) && this.isDoubted(variables);
  }

  #isNew({ position: { module, offset } }: Diagnostic): boolean {
    const places = this.#places.get(module) ?? new Set();
    this.#places.set(module, places);
    return !places.has(offset) && places.add(offset) !== undefined;
  }
}
