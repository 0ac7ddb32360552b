/** Where things lie below the frame pointer: the program's own slots and, under them, spilled values. */
import { HopmarkError } from "../../errors.ts";
import type { Position } from "../../kernel/source.ts";
import { CompileError } from "../diagnostics.ts";
import type { StackSlot } from "../ssa/ir.ts";
import { FIRST_SLOT, type Location } from "./parallel-move.ts";
import type { Life } from "./slot-lives.ts";
import { linesOf, namesOf } from "./stack-lines.ts";

/** The kernel's limit (`MAX_BPF_STACK`). */
const STACK_LIMIT = 512;

export class Frame {
  readonly #offsets = new Map<StackSlot, number>();
  readonly #own: number;
  #spills = 0;

  /** Slots whose lives do not meet share bytes. */
  constructor(lives: ReadonlyMap<StackSlot, Life>) {
    let active: Placed[] = [];
    let bytes = 0;
    for (const [slot, life] of [...lives].sort(([, a], [, b]) => a.from - b.from)) {
      const size = roundUp(slot.size);
      active = active.filter((each) => each.until > life.from);
      const top = firstGap(active, size);
      active.push({ top, size, until: life.to });
      bytes = Math.max(bytes, top + size);
      this.#offsets.set(slot, -(top + size));
    }
    this.#own = bytes;
  }

  get bytes(): number {
    return this.#own + this.#spills * 8;
  }

  offsetOf(slot: StackSlot): number {
    const offset = this.#offsets.get(slot);
    if (offset === undefined) throw new HopmarkError("internal", `stack slot ${slot.id} is used where nobody looked`);
    return offset;
  }

  spillOffset(location: Location): number {
    this.#spills = Math.max(this.#spills, location - FIRST_SLOT + 1);
    return -(this.#own + (location - FIRST_SLOT + 1) * 8);
  }

  /**
   * Throws when the kernel would refuse the frame: `HM1305` at what takes most, or `stack-too-large` where that has no place.
   * `spilledAt`: where values are made that found no register.
   */
  check(name: string, spilledAt: () => readonly Position[]): void {
    if (this.bytes <= STACK_LIMIT) return;
    const slots = [...this.#offsets.keys()].sort((a, b) => b.size - a.size);
    const sizes = slots.map(({ size, what = "", position = null }) => {
      const purpose = what === "" ? "" : ` for ${what}`;
      return `${roundUp(size)}${purpose}${position === null ? "" : linesOf([position])}`;
    });
    const listed = sizes.slice(0, 8).join(", ") + (sizes.length > 8 ? ", …" : "");
    const spilled = this.#spills === 0 ? [] : spilledAt();
    const parts = [
      sizes.length === 0 ? "" : `${this.#own} for ${sizes.length} objects in memory (${listed})`,
      this.#spills === 0
        ? ""
        : `${this.#spills * 8} for ${this.#spills} values that found no register${namesOf(spilled)}${linesOf(spilled)}`,
    ].filter((part) => part !== "");
    const message = `${name} needs ${this.bytes} bytes of stack and the kernel gives ${STACK_LIMIT}: ${parts.join(", ")}`;
    const hint = "keep large keys and records in a map, or compute values nearer to where they are used";
    const position = this.#own > this.#spills * 8 ? (slots[0]?.position ?? null) : null;
    if (position === null) throw new HopmarkError("stack-too-large", message, { hint });
    throw new CompileError([{ code: "HM1305", message: `${message}; ${hint}`, position }]);
  }
}

/** Bytes below the frame pointer at which a slot starts from above, and the position at which its life ends. */
interface Placed {
  readonly top: number;
  readonly size: number;
  readonly until: number;
}

const roundUp = (size: number): number => Math.ceil(size / 8) * 8;

/** The first place from the top at which `size` bytes are free. */
const firstGap = (taken: readonly Placed[], size: number): number => {
  let top = 0;
  for (const each of taken.toSorted((a, b) => a.top - b.top)) {
    if (each.top - top >= size) break;
    top = Math.max(top, each.top + each.size);
  }
  return top;
};
