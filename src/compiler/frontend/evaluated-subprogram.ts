import type { Position } from "../../kernel/source.ts";
import type { Subprogram } from "../../kernel/subprogram.ts";
import type { Space, SsaFunction } from "../ssa/ir.ts";

/** A subprogram evaluated for one kind of arguments. */
export interface EvaluatedSubprogram {
  readonly name: string;
  readonly fn: SsaFunction;
  readonly subprogram: Subprogram;
  readonly parameterNames: readonly string[];
  readonly position: Position;
  /** Spaces in which it changes what its callers may know. */
  readonly written: ReadonlySet<Space>;
  readonly movesPacket: boolean;
  /** Nothing of it was refused. */
  readonly isWhole: boolean;
}

/** By kind of arguments; null while it is being evaluated. */
export type Subprograms = Map<Subprogram, Map<string, EvaluatedSubprogram | null>>;
