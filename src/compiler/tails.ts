/** Programs that others go on as. */
import type { MapDescriptor } from "../kernel/maps.ts";
import { ProgramArray } from "../kernel/program-array.ts";
import type { Program } from "../kernel/program.ts";
import type { CompiledProgram, RecordLayout } from "./program.ts";

/** What the program arrays among these maps list. */
export const listedPrograms = (maps: Iterable<MapDescriptor>): readonly Program[] =>
  [...maps].flatMap((map) => (map instanceof ProgramArray ? [...map.programs.values()] : []));

/** These programs, and behind them those that they may go on as, each once. */
export const withTails = (programs: readonly CompiledProgram[]): readonly CompiledProgram[] => {
  const all = [...programs];
  const known = new Set(programs.map(({ body }) => body));
  for (const tail of programs.flatMap(({ tails = [] }) => tails)) {
    if (known.has(tail.body)) continue;
    known.add(tail.body);
    all.push(tail);
  }
  return all;
};

/** The maps of all these programs, each once. */
export const mapsOf = (programs: readonly CompiledProgram[]): readonly MapDescriptor[] => [
  ...new Set(programs.flatMap(({ maps }) => maps)),
];

/** What the records of a ring may be that any of these programs writes. */
export const recordsOf = (programs: readonly CompiledProgram[], ring: MapDescriptor): readonly RecordLayout[] => {
  const merged = new Map<RecordLayout["layout"], boolean>();
  for (const { layout, mayBeShorter } of programs.flatMap(({ records }) => records?.get(ring) ?? [])) {
    merged.set(layout, mayBeShorter || merged.get(layout) === true);
  }
  return [...merged].map(([layout, mayBeShorter]) => ({ layout, mayBeShorter }));
};
