import { HopmarkError } from "../../errors.ts";
import { oneKind, type ProgramArray } from "../../kernel/program-array.ts";
import { madeWith, type ProgramType, type Purpose } from "../../kernel/program.ts";
import { Errno } from "../../linux/ffi.ts";
import type { KernelMap } from "./kernel-map.ts";

/** A program in the kernel: what `load()` gives. */
export interface CallableProgram {
  /** Of the program; it stays the caller's. */
  readonly fd: number;
  readonly name: string;
  readonly compiled: { readonly type: ProgramType; readonly purpose?: Purpose };
}

/** Programs that others go on as, by index. */
export class ProgramArrayHandle {
  /** The same map as bytes. */
  readonly raw: KernelMap;
  readonly #descriptor: ProgramArray;

  constructor(raw: KernelMap, descriptor: ProgramArray) {
    this.raw = raw;
    this.#descriptor = descriptor;
  }

  get name(): string {
    return this.raw.name;
  }

  /** The kernel's id of the program at `index`; undefined when there is none. */
  get(index: number): number | undefined {
    this.#key(index);
    return this.raw.lookup() ? numbers(this.raw.value).getUint32(0, true) : undefined;
  }

  /**
   * From now on tail calls to `index` go to this program, which may be closed then.
   * @throws HopmarkError `program-type` when programs of the array, or its callers, are of another type or differ in frags;
   * `out-of-range`
   */
  set(index: number, program: CallableProgram): void {
    const [listed] = this.#descriptor.programs.values();
    if (listed !== undefined && madeWith(listed) !== madeWith(program.compiled))
      throw this.#wrongType(program, `are made with ${madeWith(listed)}`, listed.type === program.compiled.type);
    this.#key(index);
    numbers(this.raw.value).setInt32(0, program.fd, true);
    const result = this.raw.tryUpdate(0);
    if (result === -Errno.EINVAL) throw this.#otherCallers(program);
    if (result < 0) throw this.raw.error("MAP_UPDATE_ELEM", result);
  }

  /** Tail calls to `index` fall through from now on; false when there was no program. */
  delete(index: number): boolean {
    this.#key(index);
    return this.raw.delete();
  }

  /** Indexes that have a program, with the kernel's id of it. */
  *entries(): Generator<[index: number, value: { id: number }], void, undefined> {
    for (let index = 0; index < this.raw.info.entries; index++) {
      const id = this.get(index);
      if (id !== undefined) yield [index, { id }];
    }
  }

  #key(index: number): void {
    numbers(this.raw.key).setUint32(0, index, true);
  }

  /** The kernel remembers how the first program was made that called or joined the array. */
  #otherCallers(program: CallableProgram): HopmarkError {
    const isXdp = program.compiled.type === "xdp";
    return this.#wrongType(program, isXdp ? "are of another type, or differ in frags" : "are of another type", isXdp);
  }

  #wrongType({ name, compiled }: CallableProgram, those: string, isSameType: boolean): HopmarkError {
    return new HopmarkError(
      "program-type",
      `program ${name} was made with ${madeWith(compiled)}, and those that use program array ${this.name} ${those}`,
      { hint: oneKind(isSameType) },
    );
  }
}

const numbers = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset);
