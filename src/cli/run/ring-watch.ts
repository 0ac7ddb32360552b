import type { RingReader } from "../../bpf/ring.ts";
import type { Watch } from "../../linux/ffi.ts";
import type { RecordLayout } from "../../compiler/program.ts";
import { RecordDecoder, type DecodedRecord } from "./record-decoder.ts";

/** As many as a screen may show. */
const KEPT = 100;
const RECORD_HEADER_BYTES = 8;

/** Reads a ring while the program runs: every record for who wants them, the newest for a screen. */
export class RingWatch {
  readonly name: string;
  readonly reader: RingReader;
  readonly #decoder: RecordDecoder;
  readonly #onRecord: ((record: DecodedRecord) => void) | undefined;
  readonly #largest: number;
  #watch: Watch | undefined;
  /** Copies: the ring's own bytes are written over. Decoded when they are shown. */
  #newest: Uint8Array[] = [];

  /** Without `onRecord` the newest records are kept. */
  constructor(
    name: string,
    reader: RingReader,
    layouts: readonly RecordLayout[],
    onRecord?: (record: DecodedRecord) => void,
  ) {
    this.name = name;
    this.reader = reader;
    this.#decoder = new RecordDecoder(layouts);
    this.#largest = Math.max(0, ...layouts.map(({ layout }) => layout.size));
    this.#onRecord = onRecord;
  }

  /** It had no room for the largest record when it was read: if the program had one more meanwhile, it was refused. */
  get wasFull(): boolean {
    const { mostWaitingBytes, raw } = this.reader;
    const recordBytes = Math.ceil((RECORD_HEADER_BYTES + this.#largest) / 8) * 8;
    // The kernel leaves at least a byte.
    return mostWaitingBytes + recordBytes >= raw.info.entries;
  }

  /** Reads until `stop`; `afterBatch` is called after each round. */
  start(afterBatch: () => void): void {
    this.#watch = this.reader.watch(this.#take, afterBatch);
  }

  /** Reads what is there still, and no more. */
  stop(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.reader.poll(this.#take);
  }

  /** Twice is fine. */
  close(): void {
    this.#watch?.close();
  }

  /** At most `limit` records, newest first. */
  newest(limit: number): DecodedRecord[] {
    if (limit <= 0) return [];
    return this.#newest
      .slice(-limit)
      .toReversed()
      .map((bytes) => this.#decoder.decode(bytes));
  }

  readonly #take = (view: DataView, offset: number, length: number): void => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    if (this.#onRecord !== undefined) return this.#onRecord(this.#decoder.decode(bytes));
    this.#newest.push(bytes.slice());
    if (this.#newest.length > 2 * KEPT) this.#newest = this.#newest.slice(-KEPT);
  };
}
