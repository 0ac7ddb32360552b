/** The C side of a comparison, in the kernel. */
import { loadAll, type Instance } from "../../src/bpf/instance.ts";
import type { KernelMap } from "../../src/bpf/maps/kernel-map.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { buildPeer } from "./build.ts";
import type { PeerObject } from "./object.ts";
import type { Contestant, Spec } from "./spec.ts";

/**
 * Compiles and loads `c/NAME.c`.
 * @throws UnsupportedError `clang`; VerifierError
 */
export const loadPeer = (spec: Spec): Peer => {
  const object = buildPeer(spec.name);
  const [program, repeat] = [spec.program, spec.repeat].map((name) => {
    const found = object.programs.get(name);
    if (found === undefined) throw new Error(`c/${spec.name}.c has no function ${name}`);
    return found;
  });
  if (program === undefined || repeat === undefined) throw new Error("unreachable: two names in, two programs out");
  return new Peer(object, loadAll(program === repeat ? [program] : [program, repeat]));
};

export class Peer implements Contestant {
  readonly program: LoadedProgram;
  readonly repeat: LoadedProgram;
  readonly #object: PeerObject;
  readonly #instance: Instance;

  constructor(object: PeerObject, instance: Instance) {
    const [program] = instance.programs;
    const repeat = instance.programs.at(-1);
    if (program === undefined || repeat === undefined) throw new Error("unreachable: programs in, programs out");
    this.program = program;
    this.repeat = repeat;
    this.#object = object;
    this.#instance = instance;
  }

  map(name: string): KernelMap {
    const descriptor = this.#object.maps.get(name);
    if (descriptor === undefined) throw new Error(`the object defines no map ${name}`);
    return this.#instance.rawMap(descriptor);
  }

  setVariable(name: string, value: bigint): void {
    const variable = this.#object.variables.get(name);
    if (variable === undefined) throw new Error(`the object defines no variable ${name}`);
    const map = this.#instance.rawMap(variable.map);
    map.key.fill(0);
    if (!map.lookup()) throw new Error(`${map.name} has no value`);
    const view = new DataView(map.value.buffer, map.value.byteOffset + variable.offset);
    if (variable.size === 8) view.setBigUint64(0, value, true);
    else view.setUint32(0, Number(value), true);
    map.update(0);
  }

  close(): void {
    this.#instance.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
