import type { Layout } from "../../wire/layout.ts";
import { readLayout, writeLayout } from "../../wire/codec.ts";
import type { KernelMap } from "./kernel-map.ts";

/** Bytes that an element of a mapped array is padded to, and so may be read whole. */
const SLOT_BYTES = 8;

/** Views of the variable's first byte that store a whole value in one step. */
interface Memory {
  readonly u64: BigUint64Array;
  readonly u32: Uint32Array;
}

/**
 * A global variable that kernel programs share. Where the kernel lets us map it, it is read and written in place, in
 * one access of its width, so that neither side sees half a value.
 */
export class VariableHandle<T> {
  /** The same variable as a map of bytes. */
  readonly raw: KernelMap;
  readonly #layout: Layout<{ value: T }>;
  /** A copy: the codec reads and writes byte by byte. */
  readonly #slot = new BigUint64Array(1);
  readonly #bytes = new Uint8Array(this.#slot.buffer);
  #memory: Memory | undefined;

  constructor(raw: KernelMap, layout: Layout) {
    if (layout.size > SLOT_BYTES) throw new RangeError(`variable ${raw.name} is wider than ${SLOT_BYTES} bytes`);
    this.raw = raw;
    this.#layout = layout as Layout<{ value: T }>;
    this.#memory = memoryOf(raw);
  }

  get name(): string {
    return this.raw.name;
  }

  get value(): T {
    if (this.#memory !== undefined) this.#slot[0] = Atomics.load(this.#memory.u64, 0);
    else {
      this.raw.key.fill(0);
      this.raw.lookup();
      this.#bytes.set(this.raw.value);
    }
    return readLayout(this.#layout, this.#bytes, 0).value;
  }

  /** Throws `map-frozen` after {@link freeze}. */
  set value(value: T) {
    writeLayout(this.#layout, { value }, this.#bytes, 0);
    const { size } = this.#layout;
    if (this.#memory !== undefined && size === 8) Atomics.store(this.#memory.u64, 0, this.#slot[0] ?? 0n);
    else if (this.#memory !== undefined && size === 4) {
      Atomics.store(this.#memory.u32, 0, Number(BigInt.asUintN(32, this.#slot[0] ?? 0n)));
    } else {
      this.raw.key.fill(0);
      this.raw.value.set(this.#bytes.subarray(0, size));
      this.raw.update(0);
    }
  }

  /** From now on a constant for user space. */
  freeze(): void {
    this.#memory = undefined;
    this.raw.freeze();
  }
}

const memoryOf = (raw: KernelMap): Memory | undefined => {
  const memory = raw.memory();
  if (memory === undefined) return undefined;
  return { u64: new BigUint64Array(memory, 0, 1), u32: new Uint32Array(memory, 0, 2) };
};
