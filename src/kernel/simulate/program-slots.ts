import { HopmarkError } from "../../errors.ts";
import { oneKind, type ProgramArray } from "../program-array.ts";
import { madeWith, type Program } from "../program.ts";

/** A program array in V8, with the calls that a running program's handle has. */
export class SimulatedPrograms {
  readonly #descriptor: ProgramArray;
  readonly #programs: Map<number, Program>;

  constructor(descriptor: ProgramArray) {
    this.#descriptor = descriptor;
    this.#programs = new Map(descriptor.programs);
  }

  get name(): string {
    return this.#descriptor.name;
  }

  /** The program at `index`; undefined where there is none. */
  get(index: number): Program | undefined {
    return this.#programs.get(index);
  }

  /** Throws `out-of-range`, and `program-type` for a program made otherwise than those it holds. */
  set(index: number, program: Program): void {
    const { name, entries } = this.#descriptor;
    if (index >= entries) throw new HopmarkError("out-of-range", `map ${name} has indexes 0 to ${entries - 1}`);
    const [other] = this.#programs.values();
    if (other !== undefined && madeWith(other) !== madeWith(program)) {
      const message = `program array ${name} holds programs made with ${madeWith(other)}, and ${program.name} was made with ${madeWith(program)}`;
      throw new HopmarkError("program-type", message, { hint: oneKind(other.type === program.type) });
    }
    this.#programs.set(index, program);
  }

  /** False when there was none. */
  delete(index: number): boolean {
    return this.#programs.delete(index);
  }
}
