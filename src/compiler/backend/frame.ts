/** Where things lie below the frame pointer: the program's own slots and, under them, spilled values. */
import { HopmarkError } from "../../errors.ts";
import type { StackSlot } from "../ssa/ir.ts";
import { FIRST_SLOT, type Location } from "./parallel-move.ts";

/** The kernel's limit (`MAX_BPF_STACK`). */
const STACK_LIMIT = 512;

export class Frame {
  readonly #offsets = new Map<StackSlot, number>();
  readonly #slots: readonly StackSlot[];
  readonly #own: number;
  #spills = 0;

  constructor(slots: readonly StackSlot[]) {
    this.#slots = slots;
    let bytes = 0;
    for (const slot of slots) {
      bytes += Math.ceil(slot.size / 8) * 8;
      this.#offsets.set(slot, -bytes);
    }
    this.#own = bytes;
  }

  get bytes(): number {
    return this.#own + this.#spills * 8;
  }

  offsetOf(slot: StackSlot): number {
    const offset = this.#offsets.get(slot);
    if (offset === undefined) throw new HopmarkError("internal", `stack slot ${slot.id} is not the function's`);
    return offset;
  }

  spillOffset(location: Location): number {
    this.#spills = Math.max(this.#spills, location - FIRST_SLOT + 1);
    return -(this.#own + (location - FIRST_SLOT + 1) * 8);
  }

  /** Throws `stack-too-large` when the kernel would refuse the frame. */
  check(name: string): void {
    if (this.bytes <= STACK_LIMIT) return;
    const sizes = this.#slots.map(({ size }) => Math.ceil(size / 8) * 8).sort((a, b) => b - a);
    const listed = sizes.slice(0, 8).join(", ") + (sizes.length > 8 ? ", …" : "");
    const parts = [
      sizes.length === 0 ? "" : `${this.#own} for ${sizes.length} objects in memory (${listed})`,
      this.#spills === 0 ? "" : `${this.#spills * 8} for ${this.#spills} values that found no register`,
    ].filter((part) => part !== "");
    throw new HopmarkError(
      "stack-too-large",
      `${name} needs ${this.bytes} bytes of stack and the kernel gives ${STACK_LIMIT}: ${parts.join(", ")}`,
      { hint: "keep large keys and records in a map, or compute values nearer to where they are used" },
    );
  }
}
