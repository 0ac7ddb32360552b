/** Our side of a comparison, in the kernel. */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { loadAll, type Instance } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import type { KernelMap } from "../../src/bpf/maps/kernel-map.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Contestant } from "../peers/spec.ts";
import type { Twin } from "./twins/twin.ts";

/**
 * Compiles and loads a twin.
 * @throws CompileError, VerifierError
 */
export const loadTwin = (twin: Twin): LoadedTwin => {
  const programs = twin.program === twin.repeat ? [twin.program] : [twin.program, twin.repeat];
  const compiled = programs.map((program) => compile(program, { kernelTypes: kernelBtf() }));
  return new LoadedTwin(twin, loadAll(compiled));
};

export class LoadedTwin implements Contestant {
  readonly program: LoadedProgram;
  readonly repeat: LoadedProgram;
  readonly #twin: Twin;
  readonly #instance: Instance;

  constructor(twin: Twin, instance: Instance) {
    const [program] = instance.programs;
    const repeat = instance.programs.at(-1);
    if (program === undefined || repeat === undefined) throw new Error("unreachable: programs in, programs out");
    this.program = program;
    this.repeat = repeat;
    this.#twin = twin;
    this.#instance = instance;
  }

  map(name: string): KernelMap {
    const descriptor = this.#twin.maps[name];
    if (descriptor === undefined) throw new Error(`the twin has no map ${name}`);
    return this.#instance.rawMap(descriptor);
  }

  setVariable(name: string, value: bigint): void {
    const descriptor = this.#twin.variables?.[name];
    if (descriptor === undefined) throw new Error(`the twin has no variable ${name}`);
    const map = this.#instance.rawMap(descriptor);
    map.key.fill(0);
    const view = new DataView(map.value.buffer, map.value.byteOffset);
    if (descriptor.valueSize === 8) view.setBigUint64(0, value, true);
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
