import type { Output } from "./framework/output.ts";

const SILENT_MS = 1000;

/** Says what a command is about when it takes longer than a second to start. */
export class Progress {
  readonly #output: Output;
  readonly #startMs = performance.now();

  constructor(output: Output) {
    this.#output = output;
  }

  /** Before the next step: gives signals and timers a turn, and says what the step is when it has taken long already. */
  async step(what: string): Promise<void> {
    if (performance.now() - this.#startMs > SILENT_MS && !this.#output.json) {
      this.#output.note(this.#output.noteStyle("dim", `${what} …`));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
