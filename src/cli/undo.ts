/** What was done and must be undone, whatever happens: last done, first undone. */
export class Undo {
  readonly #steps: (() => void | Promise<unknown>)[] = [];

  add(step: () => void | Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Undoes everything, also when a step fails; then throws what the first failure threw. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
