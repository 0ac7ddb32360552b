import type { CompiledProgram } from "../compiler/program.ts";
import { mapsOf } from "../compiler/tails.ts";
import { HopmarkError } from "../errors.ts";
import { oneKind, ProgramArray } from "../kernel/program-array.ts";
import { madeWith } from "../kernel/program.ts";

/** Refuses programs made differently that call through one array: of the second the kernel would say EINVAL, and no more. */
export const requireLikeCallers = (programs: readonly CompiledProgram[]): void => {
  for (const array of mapsOf(programs)) {
    if (!(array instanceof ProgramArray)) continue;
    const callers = programs.filter(({ maps }) => maps.includes(array));
    const [first] = callers;
    const other = callers.find((each) => first !== undefined && madeWith(each) !== madeWith(first));
    if (first === undefined || other === undefined) continue;
    throw new HopmarkError(
      "program-type",
      `program array ${array.name} is called by ${first.name}, made with ${madeWith(first)}, and by ${other.name}, made with ${madeWith(other)}`,
      { hint: oneKind(first.type === other.type) },
    );
  }
};
