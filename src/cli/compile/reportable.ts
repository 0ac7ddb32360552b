/** What a file's programs are, as `hopmark compile` lists them: those it exports, each with the programs that it brings along. */
import type { CompiledProgram } from "../../compiler/program.ts";
import { mapsOf, withTails } from "../../compiler/tails.ts";
import { ProgramArray } from "../../kernel/program-array.ts";
import type { Program } from "../../kernel/program.ts";
import type { ExportedProgram } from "../user-program/find-programs.ts";

/** A slot of a program array. */
export interface Slot {
  readonly programArray: string;
  readonly index: number;
}

export interface Reportable {
  readonly program: Program;
  readonly compiled: CompiledProgram;
  /** Undefined of one that is here because a program array lists it. */
  readonly exportName: string | undefined;
  /** Where tail calls find it. */
  readonly calledThrough: readonly Slot[];
}

/** Each program once. */
export const reportables = (
  exported: readonly ExportedProgram[],
  compiled: readonly CompiledProgram[],
): readonly Reportable[] => {
  const listed = slotsOf(withTails(compiled));
  const seen = new Set(exported.map(({ program }) => program.body));
  return exported.flatMap(({ program, exportName }, at): Reportable[] => {
    const own = compiled[at];
    if (own === undefined) return [];
    const calledThrough = listed.get(program.body)?.slots ?? [];
    const tails = (own.tails ?? []).flatMap((tail): Reportable[] => {
      const entry = tail.body === undefined || seen.has(tail.body) ? undefined : listed.get(tail.body);
      if (entry === undefined) return [];
      seen.add(entry.program.body);
      return [{ program: entry.program, compiled: tail, exportName: undefined, calledThrough: entry.slots }];
    });
    return [{ program, compiled: own, exportName, calledThrough }, ...tails];
  });
};

interface Listed {
  readonly program: Program;
  readonly slots: Slot[];
}

const slotsOf = (programs: readonly CompiledProgram[]): ReadonlyMap<Program["body"], Listed> => {
  const listed = new Map<Program["body"], Listed>();
  for (const map of mapsOf(programs)) {
    if (!(map instanceof ProgramArray)) continue;
    for (const [index, program] of map.programs) {
      const entry: Listed = listed.get(program.body) ?? { program, slots: [] };
      entry.slots.push({ programArray: map.name, index });
      listed.set(program.body, entry);
    }
  }
  return listed;
};
