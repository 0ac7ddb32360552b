import type { ProgramType } from "../../../src/kernel/program.ts";

/** Something that the language or the library has. */
export interface Feature {
  readonly name: string;
  /** Programs it is of; null: of all. */
  readonly types: readonly ProgramType[] | null;
  /** How a module that has it is told. */
  readonly pattern: RegExp;
}
