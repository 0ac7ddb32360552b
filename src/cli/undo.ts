/** What was done and must be undone, whatever happens: last done, first undone. */
export class Undo {
  readonly #steps: (() => void | Promise<unknown>)[] = [];

  add(step: () => void | Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Undoes everything, also past a step that fails; returns what failed. */
  async run(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}

/** Does some work and undoes it in the end. Throws what the work threw, else the first failure to undo it. */
export const withUndo = async <T>(work: (undo: Undo) => Promise<T>): Promise<T> => {
  const undo = new Undo();
  let result: T;
  try {
    result = await work(undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
  const [failure] = await undo.run();
  if (failure !== undefined) throw failure;
  return result;
};
