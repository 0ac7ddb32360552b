import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import type { RingBuffer } from "../maps.ts";
import { Memory } from "./memory.ts";
import { stateOf, view } from "./view.ts";

/** Bytes of the kernel's record header; records are padded to as much. */
const HEADER = 8;

interface StoredRecord {
  readonly memory: Memory;
  state: "open" | "submitted" | "discarded";
}

/**
 * A ring buffer. Records lie in the order in which their room was taken, whenever they are finished. They fill the ring
 * until {@link drain} reads them, discarded ones included, as they do without a reader in the kernel.
 */
export class StoredRing {
  readonly descriptor: RingBuffer;
  #used = 0;
  #records: StoredRecord[] = [];
  /** Those of the present run. */
  #own: StoredRecord[] = [];

  constructor(descriptor: RingBuffer) {
    this.descriptor = descriptor;
  }

  /** Null when full: the kernel always leaves one byte free. */
  reserve(layout: Layout): object | null {
    const memory = new Memory(new Uint8Array(layout.size));
    return this.#add({ memory, state: "open" }) ? view(layout, memory, 0) : null;
  }

  /** False when full. */
  output(bytes: Uint8Array): boolean {
    return this.#add({ memory: new Memory(bytes), state: "submitted" });
  }

  submit(record: object): void {
    this.#close(record, "submit").state = "submitted";
  }

  discard(record: object): void {
    this.#close(record, "discard").state = "discarded";
  }

  /** Reads and frees everything. */
  drain(): Uint8Array[] {
    const records = this.#records;
    this.#records = [];
    this.#used = 0;
    return submitted(records);
  }

  /** Throws when a record was left open, which the verifier refuses. */
  requireClosed(): void {
    if (this.#own.every(({ state }) => state !== "open")) return;
    throw new HopmarkError("open-record", `a record of ring ${this.descriptor.name} was not submitted`, {
      hint: "submit or discard it on every path",
    });
  }

  /** Ends a run: what it submitted. Throws when a record was left open. */
  finish(): readonly Uint8Array[] {
    this.requireClosed();
    const own = this.#own;
    this.#own = [];
    return submitted(own);
  }

  /** Forgets a run that ended in an error. */
  abandon(): void {
    for (const record of this.#own) if (record.state === "open") record.state = "discarded";
    this.#own = [];
  }

  #add(record: StoredRecord): boolean {
    const size = Math.ceil((record.memory.bytes.length + HEADER) / HEADER) * HEADER;
    if (this.#used + size > this.descriptor.entries - 1) return false;
    this.#used += size;
    this.#records.push(record);
    this.#own.push(record);
    return true;
  }

  #close(record: object, event: "submit" | "discard"): StoredRecord {
    const { memory } = stateOf(record);
    const found = this.#own.find((one) => one.memory === memory && one.state === "open");
    if (found === undefined) {
      const message = `${event} of something that is no open record of ring ${this.descriptor.name}`;
      throw new HopmarkError("open-record", message, { hint: "submit or discard what reserve() gave, once" });
    }
    memory.invalidate(event);
    return found;
  }
}

const submitted = (records: readonly StoredRecord[]): Uint8Array[] =>
  records.filter(({ state }) => state === "submitted").map(({ memory }) => memory.bytes);
