import { statSync } from "node:fs";

/** Whether a file is another than it was when this was made: written, or replaced, or gone. */
export class FileWatch {
  readonly path: string;
  readonly #modifiedMs: number | undefined;

  constructor(path: string) {
    this.path = path;
    this.#modifiedMs = this.#look();
  }

  get isChanged(): boolean {
    return this.#look() !== this.#modifiedMs;
  }

  #look(): number | undefined {
    return statSync(this.path, { throwIfNoEntry: false })?.mtimeMs;
  }
}
