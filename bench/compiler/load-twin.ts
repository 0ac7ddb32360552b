/** Our side of a comparison, in the kernel. */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { loadAll } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { LoadedContestant } from "../peers/loaded-contestant.ts";
import type { Twin } from "./twins/twin.ts";

/**
 * Compiles and loads a twin.
 * @throws CompileError, VerifierError
 */
export const loadTwin = (twin: Twin): LoadedContestant => {
  const programs = twin.program === twin.repeat ? [twin.program] : [twin.program, twin.repeat];
  const compiled = programs.map((program) => compile(program, { kernelTypes: kernelBtf() }));
  return new LoadedContestant(loadAll(compiled), {
    map: (name) => twin.maps[name],
    variable: (name) => {
      const map = twin.variables?.[name];
      return map === undefined ? undefined : { map, offset: 0, size: map.valueSize };
    },
  });
};
