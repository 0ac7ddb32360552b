import type { Output } from "../framework/output.ts";

const ESCAPE = "\u001b[";
/** The other screen, so that what was on the terminal comes back; no cursor. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l`;
const LEAVE = `${ESCAPE}?25h${ESCAPE}?1049l`;
/** Terminals that know these show a frame at once; the others ignore them. */
const BEGIN_FRAME = `${ESCAPE}?2026h`;
const END_FRAME = `${ESCAPE}?2026l`;
const CLEAR = `${ESCAPE}2J`;
const CLEAR_LINE_END = `${ESCAPE}K`;

/** A terminal that shows one frame after another without flicker: only lines that changed are written. */
export class LiveTerminal {
  readonly #output: Output;
  #shown: readonly string[] = [];
  #size = "";
  #open = false;
  readonly #leave = (): void => this.close();

  constructor(output: Output) {
    this.#output = output;
  }

  get size(): { readonly width: number; readonly height: number } {
    const { columns, rows } = this.#output.stdout;
    // A terminal that was never told its size has none: 0 rows of 0 columns.
    return { width: columns || 80, height: rows || 24 };
  }

  draw(lines: readonly string[]): void {
    const { width, height } = this.size;
    const size = `${width}x${height}`;
    const clear = size !== this.#size;
    if (!this.#open) {
      this.#open = true;
      this.#output.write(ENTER);
      // A process that ends in between must not leave the user on the other screen.
      process.once("exit", this.#leave);
    }
    const shown = clear ? [] : this.#shown;
    const changed = Array.from({ length: Math.max(lines.length, shown.length) }, (_, row) => {
      const line = lines[row] ?? "";
      return line === shown[row] ? "" : `${ESCAPE}${row + 1};1H${line}${CLEAR_LINE_END}`;
    });
    this.#size = size;
    this.#shown = lines;
    this.#output.write(`${BEGIN_FRAME}${clear ? CLEAR : ""}${changed.join("")}${END_FRAME}`);
  }

  /** Back to the screen before. Twice is fine. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    process.off("exit", this.#leave);
    this.#output.write(LEAVE);
  }
}
