import type { SourceModule } from "../../kernel/source.ts";

/** A line of a module: 1-based line and column (UTF-16 units), and the line's text. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Where lines start in a module: `locate` for programs that ask ten thousand times. */
export class LineIndex {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(module: SourceModule) {
    this.#text = module.text;
    for (let at = this.#text.indexOf("\n"); at !== -1; at = this.#text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  place(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    const next = this.#starts[low + 1];
    const text = this.#text.slice(start, next === undefined ? undefined : next - 1);
    return { line: low + 1, column: offset - start + 1, text };
  }
}
