/** The file or pipe that a recording goes to. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { ConfigError, HopmarkError } from "../../../errors.ts";
import type { Recorder, SessionFacts, SessionState } from "./session.ts";

/** How bytes are written; replaced in tests. */
export type WriteBytes = (fd: number, bytes: Uint8Array) => number;

const STDOUT = 1;

export class RecordingFile {
  /** As it was named; `-` is standard output. */
  readonly path: string;
  readonly #recorder: Recorder;
  readonly #fd: number;
  readonly #write: WriteBytes;
  /** What a full pipe did not take yet. */
  #pending: Uint8Array = new Uint8Array(0);
  /** Bytes written. */
  #length = 0;
  #closed = false;

  /** Makes the file anew. ConfigError when it cannot be made. */
  constructor(path: string, recorder: Recorder, write: WriteBytes = (fd, bytes) => writeSync(fd, bytes)) {
    this.path = path;
    this.#recorder = recorder;
    this.#write = write;
    this.#fd = path === "-" ? STDOUT : create(path);
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
    this.#pending = this.#writeOut(this.#pending);
    if (this.#pending.length > 0) return false;
    const rest = this.#writeOut(this.#recorder.take());
    this.#pending = rest.slice();
    return rest.length === 0;
  }

  /** Twice is fine. What was not flushed is lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#fd !== STDOUT) closeSync(this.#fd);
  }

  /** Returns what a full pipe does not take. */
  #writeOut(bytes: Uint8Array): Uint8Array {
    let done = 0;
    while (done < bytes.length) {
      try {
        const written = this.#write(this.#fd, bytes.subarray(done));
        done += written;
        this.#length += written;
      } catch (error) {
        if (codeOf(error) === "EAGAIN") break;
        // As for every command in a pipe whose reader had enough: no error.
        if (codeOf(error) === "EPIPE") return bytes.subarray(bytes.length);
        throw this.#failed(error, bytes, done);
      }
    }
    return bytes.subarray(done);
  }

  #failed(error: unknown, bytes: Uint8Array, done: number): HopmarkError {
    const whole = this.#recorder.wholeOf(bytes, done);
    this.#length -= done - whole;
    try {
      if (fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, this.#length);
    } catch {
      // The half of a record at the end is then left: readers say that the file is cut.
    }
    const where = this.path === "-" ? "standard output" : this.path;
    return new HopmarkError("recording", `cannot go on writing ${where}: ${reasonOf(error)}`, {
      hint: `make room, or record elsewhere; what was written, ${this.#length} bytes, is kept and can be read`,
      cause: error,
    });
  }
}

const create = (path: string): number => {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw new ConfigError(`cannot write ${path}: ${reasonOf(error)}`, {
      hint: "name a file in a folder that is there and that you may write to",
      cause: error,
    });
  }
};

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the quota is used up",
  EFBIG: "the file is as large as it may be",
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EISDIR: "that is a folder",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const reasonOf = (error: unknown): string => {
  const code = codeOf(error);
  return reasons[code] ?? (code === "" ? String(error) : code);
};
