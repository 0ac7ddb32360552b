/** The file or pipe that a recording goes to. */
import { OutputFile, type WriteBytes } from "../../output-file.ts";
import type { Recorder, SessionFacts, SessionState } from "./session.ts";

export class RecordingFile {
  readonly #recorder: Recorder;
  readonly #file: OutputFile;
  /** What a full pipe did not take yet. */
  #pending: Uint8Array = new Uint8Array(0);

  /** Makes the file anew. ConfigError when it cannot be made. */
  constructor(path: string, recorder: Recorder, write?: WriteBytes) {
    this.#recorder = recorder;
    this.#file = new OutputFile(path, (bytes, length) => recorder.wholeOf(bytes, length), write);
  }

  /** As it was named; `-` is standard output. */
  get path(): string {
    return this.#file.path;
  }

  begin(facts: SessionFacts): void {
    this.#recorder.begin(facts);
  }

  /** The record at `offset`; it is written with the next {@link flush}. */
  add(bytes: Uint8Array, offset: number): void {
    this.#recorder.add(bytes, offset);
  }

  state(state: SessionState): void {
    this.#recorder.state(state);
  }

  /**
   * Writes what waits. False when a pipe is full: add nothing then until it is true again, so that what waits in memory
   * stays small. HopmarkError `recording` when it cannot be written; the file then ends with the last whole record.
   */
  flush(): boolean {
    this.#pending = this.#file.write(this.#pending);
    if (this.#pending.length > 0) return false;
    const rest = this.#file.write(this.#recorder.take());
    this.#pending = rest.slice();
    return rest.length === 0;
  }

  /** Twice is fine. What was not flushed is lost. */
  close(): void {
    this.#file.close();
  }
}
