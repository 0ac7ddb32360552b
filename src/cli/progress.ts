import type { Output } from "./framework/output.ts";

const SILENT_MS = 1000;

/** Says what a command is about when it takes longer than a second to start, or than `silentMs`. */
export class Progress {
  readonly #output: Output;
  readonly #silentMs: number;
  readonly #startMs = performance.now();

  constructor(output: Output, silentMs = SILENT_MS) {
    this.#output = output;
    this.#silentMs = silentMs;
  }

  /** Before the next step: gives signals and timers a turn, and says what the step is when it has taken long already. */
  async step(what: string): Promise<void> {
    if (performance.now() - this.#startMs >= this.#silentMs && !this.#output.json) {
      this.#output.note(this.#output.noteStyle("dim", `${what} …`));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
