/** A side of a comparison, in the kernel. */
import type { Instance } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import type { KernelMap } from "../../src/bpf/maps/kernel-map.ts";
import type { MapDescriptor } from "../../src/kernel/maps.ts";
import type { Contestant } from "./spec.ts";

/** Where a variable lies: in the first value of an array map. */
interface VariablePlace {
  readonly map: MapDescriptor;
  readonly offset: number;
  readonly size: number;
}

/** What its maps and variables are, by the names of the specification. */
export interface Names {
  readonly map: (name: string) => MapDescriptor | undefined;
  readonly variable: (name: string) => VariablePlace | undefined;
}

export class LoadedContestant implements Contestant {
  readonly program: LoadedProgram;
  readonly repeat: LoadedProgram;
  readonly #names: Names;
  readonly #instance: Instance;

  /** Takes the instance over: one program, or that and the one that can be repeated. */
  constructor(instance: Instance, names: Names) {
    const [program] = instance.programs;
    const repeat = instance.programs.at(-1);
    if (program === undefined || repeat === undefined) throw new Error("unreachable: programs in, programs out");
    this.program = program;
    this.repeat = repeat;
    this.#names = names;
    this.#instance = instance;
  }

  map(name: string): KernelMap {
    const descriptor = this.#names.map(name);
    if (descriptor === undefined) throw new Error(`there is no map ${name}`);
    return this.#instance.rawMap(descriptor);
  }

  setVariable(name: string, value: bigint): void {
    const variable = this.#names.variable(name);
    if (variable === undefined) throw new Error(`there is no variable ${name}`);
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
