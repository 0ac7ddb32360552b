/** The C side of a comparison, in the kernel. */
import { loadAll } from "../../src/bpf/instance.ts";
import { buildPeer } from "./build.ts";
import { LoadedContestant } from "./loaded-contestant.ts";
import type { Spec } from "./spec.ts";

/**
 * Compiles, unless that was done before, and loads `c/NAME.c`.
 * @throws UnsupportedError `clang`; VerifierError
 */
export const loadPeer = (spec: Spec, object = buildPeer(spec.name)): LoadedContestant => {
  const [program, repeat] = [spec.program, spec.repeat].map((name) => {
    const found = object.programs.get(name);
    if (found === undefined) throw new Error(`c/${spec.name}.c has no function ${name}`);
    return found;
  });
  if (program === undefined || repeat === undefined) throw new Error("unreachable: two names in, two programs out");
  return new LoadedContestant(loadAll(program === repeat ? [program] : [program, repeat]), {
    map: (name) => object.maps.get(name),
    variable: (name) => object.variables.get(name),
  });
};
