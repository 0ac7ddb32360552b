/** What became of each source line: how many instructions, how many steps of the verifier, how much of the stack. */
import { LineIndex } from "../../compiler/object/line-index.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { fileOf, type Position, type SourceModule } from "../../kernel/source.ts";

export interface LineCost {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** 8-byte slots: a wide constant or a map's address takes two. */
  readonly instructions: number;
  /** Of the program's instructions, 0 to 1. */
  readonly share: number;
  /** Instructions the verifier walked, each as often as it did; null when that is not known. */
  readonly verified: number | null;
  /** Bytes of the stack that it writes; two lines may write the same ones. */
  readonly stackBytes: number;
}

/** Every line that became code, module by module; the instructions add up to the program's. */
export const lineCosts = (
  { code, position }: CompiledProgram,
  steps: ReadonlyMap<number, number> | null = null,
): LineCost[] => {
  const slots = code.instructions.length / 8;
  const modules = new Map<SourceModule, LineCounter>();
  const count = (from: number, to: number, { module, offset }: Position): void => {
    let counter = modules.get(module);
    if (counter === undefined) modules.set(module, (counter = new LineCounter(module)));
    let verified = 0;
    for (let slot = from; slot < to; slot++) verified += steps?.get(slot) ?? 0;
    counter.add(offset, to - from, verified);
    for (let slot = from; slot < to; slot++) counter.addStored(offset, code.instructions, slot);
  };
  count(0, code.lines[0]?.instruction ?? slots, position);
  for (const [at, entry] of code.lines.entries()) {
    count(entry.instruction, code.lines[at + 1]?.instruction ?? slots, entry.position);
  }
  return [...modules.values()].flatMap((counter) => counter.costs(slots, steps !== null));
};

class LineCounter {
  readonly #module: SourceModule;
  readonly #index: LineIndex;
  readonly #lines = new Map<number, { text: string; instructions: number; verified: number }>();
  /** By line: offsets of bytes from the frame pointer, modulo 2^16. */
  readonly #stored = new Map<number, Set<number>>();

  constructor(module: SourceModule) {
    this.#module = module;
    this.#index = new LineIndex(module);
  }

  add(offset: number, instructions: number, verified: number): void {
    if (instructions === 0) return;
    const { line, text } = this.#index.place(offset);
    const known = this.#lines.get(line);
    if (known === undefined) {
      this.#lines.set(line, { text, instructions, verified });
      return;
    }
    known.instructions += instructions;
    known.verified += verified;
  }

  /** Where the instruction stores to the stack: its bytes are the line's. */
  addStored(offset: number, code: Uint8Array, slot: number): void {
    const at = slot * 8;
    const opcode = code[at]!;
    if (!STORES.has(opcode & CLASS) || (code[at + 1]! & 0xf) !== FRAME_POINTER) return;
    const { line } = this.#index.place(offset);
    let bytes = this.#stored.get(line);
    if (bytes === undefined) this.#stored.set(line, (bytes = new Set()));
    // Of 16 bits, below zero as a rule: which bytes they are does not matter, only how many.
    const start = code[at + 2]! | (code[at + 3]! << 8);
    for (let byte = 0; byte < SIZES[(opcode >> 3) & 3]!; byte++) bytes.add((start + byte) & 0xffff);
  }

  costs(slots: number, isVerified: boolean): LineCost[] {
    const file = fileOf(this.#module);
    return [...this.#lines]
      .toSorted(([one], [other]) => one - other)
      .map(([line, { text, instructions, verified }]) => ({
        file,
        line,
        text,
        instructions,
        share: instructions / slots,
        verified: isVerified ? verified : null,
        stackBytes: this.#stored.get(line)?.size ?? 0,
      }));
  }
}

/** Of an opcode (RFC 9669, section 3): BPF_ST and BPF_STX are the classes that store. */
const CLASS = 0x07;
const STORES: ReadonlySet<number> = new Set([0x02, 0x03]);
/** Bytes, by the opcode's size: BPF_W, BPF_H, BPF_B, BPF_DW. */
const SIZES = [4, 2, 1, 8];
const FRAME_POINTER = 10;
