/** What became of each source line: how many instructions. */
import { LineIndex } from "../../compiler/object/line-index.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import type { Position, SourceModule } from "../../kernel/source.ts";

export interface LineCost {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** 8-byte slots: a wide constant or a map's address takes two. */
  readonly instructions: number;
}

/** Every line that became code, module by module; the instructions add up to the program's. */
export const lineCosts = ({ code, position }: CompiledProgram): LineCost[] => {
  const slots = code.instructions.length / 8;
  const modules = new Map<SourceModule, LineCounter>();
  const count = (from: number, to: number, { module, offset }: Position): void => {
    let counter = modules.get(module);
    if (counter === undefined) modules.set(module, (counter = new LineCounter(module)));
    counter.add(offset, to - from);
  };
  count(0, code.lines[0]?.instruction ?? slots, position);
  for (const [at, entry] of code.lines.entries()) {
    count(entry.instruction, code.lines[at + 1]?.instruction ?? slots, entry.position);
  }
  return [...modules.values()].flatMap((counter) => counter.costs());
};

class LineCounter {
  readonly #module: SourceModule;
  readonly #index: LineIndex;
  readonly #lines = new Map<number, { text: string; instructions: number }>();

  constructor(module: SourceModule) {
    this.#module = module;
    this.#index = new LineIndex(module);
  }

  add(offset: number, instructions: number): void {
    if (instructions === 0) return;
    const { line, text } = this.#index.place(offset);
    const known = this.#lines.get(line);
    if (known === undefined) this.#lines.set(line, { text, instructions });
    else known.instructions += instructions;
  }

  costs(): LineCost[] {
    const file = this.#module.url.replace(/^file:\/\//, "");
    return [...this.#lines]
      .toSorted(([one], [other]) => one - other)
      .map(([line, { text, instructions }]) => ({ file, line, text, instructions }));
  }
}
