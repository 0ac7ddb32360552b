import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import type { RingBuffer } from "../maps.ts";
import { Memory } from "./memory.ts";
import { stateOf, view } from "./view.ts";

/** Bytes of the kernel's record header; records are padded to as much. */
const HEADER = 8;

/**
 * A ring buffer. Records fill it until {@link drain} reads them, discarded ones included, as they do without a reader in
 * the kernel.
 */
export class StoredRing {
  readonly descriptor: RingBuffer;
  #used = 0;
  #records: Uint8Array[] = [];
  #submitted: Uint8Array[] = [];
  /** Reserved, and neither submitted nor discarded yet. */
  readonly #open = new Set<Memory>();

  constructor(descriptor: RingBuffer) {
    this.descriptor = descriptor;
  }

  /** Null when full: the kernel always leaves one byte free. */
  reserve(layout: Layout): object | null {
    const size = Math.ceil((layout.size + HEADER) / HEADER) * HEADER;
    if (this.#used + size > this.descriptor.entries - 1) return null;
    this.#used += size;
    const memory = new Memory(new Uint8Array(layout.size));
    this.#open.add(memory);
    return view(layout, memory, 0);
  }

  submit(record: object): void {
    const memory = this.#close(record, "submit");
    this.#records.push(memory.bytes);
    this.#submitted.push(memory.bytes);
  }

  discard(record: object): void {
    this.#close(record, "discard");
  }

  /** Reads and frees everything. */
  drain(): Uint8Array[] {
    const records = this.#records;
    this.#records = [];
    this.#used = 0;
    return records;
  }

  /** Ends a run: what it submitted. Throws when a record was left open, which the verifier refuses. */
  finish(): readonly Uint8Array[] {
    const submitted = this.#submitted;
    this.#submitted = [];
    if (this.#open.size > 0) {
      this.#open.clear();
      throw new HopmarkError("open-record", `a record of ring ${this.descriptor.name} was not submitted`, {
        hint: "submit or discard it on every path",
      });
    }
    return submitted;
  }

  /** Forgets a run that ended in an error. */
  abandon(): void {
    this.#open.clear();
    this.#submitted = [];
  }

  #close(record: object, event: "submit" | "discard"): Memory {
    const { memory } = stateOf(record);
    if (!this.#open.delete(memory)) {
      const message = `${event} of something that is no open record of ring ${this.descriptor.name}`;
      throw new HopmarkError("open-record", message, { hint: "submit or discard what reserve() gave, once" });
    }
    memory.invalidate(event);
    return memory;
  }
}
