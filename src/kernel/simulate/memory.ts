import { HopmarkError } from "../../errors.ts";

/** Bytes that views look at. A view is good as long as the memory's generation is the one it was made in. */
export class Memory {
  bytes: Uint8Array;
  generation = 0;
  /** The verifier lets no program write here. */
  readOnly = false;
  /** What made older views stale, for people: `adjustRoom`. */
  #event = "";

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Makes every view of before stale. */
  invalidate(event: string): void {
    this.generation++;
    this.#event = event;
  }

  mustBeWritable(what: string): void {
    if (this.readOnly) throw new HopmarkError("read-only", `${what} cannot be written here`);
  }

  stale(what: string): HopmarkError {
    return new HopmarkError("stale-view", `${what} is used after ${this.#event}, which made the view stale`, {
      hint: "take the view again after the call",
    });
  }
}
