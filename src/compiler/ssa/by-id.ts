/**
 * Tables and sets of one function's nodes, or of its blocks: by their ids, which are small numbers. A hash of each object is
 * what a pass would spend a third of its time on.
 */

interface Numbered {
  readonly id: number;
}

export class IdMap<K extends Numbered, V> {
  readonly #values: (V | undefined)[] = [];

  get({ id }: K): V | undefined {
    return id < this.#values.length ? this.#values[id] : undefined;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  /** `undefined` is as good as nothing. */
  set({ id }: K, value: V | undefined): void {
    // An array without holes is what V8 reads fastest.
    while (this.#values.length <= id) this.#values.push(undefined);
    this.#values[id] = value;
  }
}

const FEW = 256;

export class IdSet<K extends Numbered> {
  #marks = new Uint8Array(FEW);

  has({ id }: K): boolean {
    return id < this.#marks.length && this.#marks[id] === 1;
  }

  /** Whether it was not there before. */
  add({ id }: K): boolean {
    if (id >= this.#marks.length) this.#grow(id);
    if (this.#marks[id] === 1) return false;
    this.#marks[id] = 1;
    return true;
  }

  delete({ id }: K): void {
    if (id < this.#marks.length) this.#marks[id] = 0;
  }

  #grow(id: number): void {
    const marks = new Uint8Array(Math.max(id + 1, this.#marks.length * 2));
    marks.set(this.#marks);
    this.#marks = marks;
  }
}
