/** The file or pipe that packets or records go to. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { ConfigError, HopmarkError } from "../errors.ts";
import { fileErrorCode, fileReason } from "../linux/file-reason.ts";

/** How bytes are written; replaced in tests. */
export type WriteBytes = (fd: number, bytes: Uint8Array) => number;

const STDOUT = 1;

export class OutputFile {
  /** As it was named; `-` is standard output. */
  readonly path: string;
  readonly #fd: number;
  readonly #write: WriteBytes;
  /** Of bytes of which only `length` could be written: how many are whole records. */
  readonly #wholeOf: (bytes: Uint8Array, length: number) => number;
  /** Bytes written. */
  #length = 0;
  #closed = false;

  /** Makes the file anew. ConfigError when it cannot be made. */
  constructor(
    path: string,
    wholeOf: (bytes: Uint8Array, length: number) => number,
    write: WriteBytes = (fd, bytes) => writeSync(fd, bytes),
  ) {
    this.path = path;
    this.#wholeOf = wholeOf;
    this.#write = write;
    this.#fd = path === "-" ? STDOUT : create(path);
  }

  /** Returns what a full pipe does not take. HopmarkError `recording` when it cannot be written; the file then ends with the last whole record. */
  write(bytes: Uint8Array): Uint8Array {
    let done = 0;
    while (done < bytes.length) {
      try {
        const written = this.#write(this.#fd, bytes.subarray(done));
        done += written;
        this.#length += written;
      } catch (error) {
        if (fileErrorCode(error) === "EAGAIN") break;
        // As for every command in a pipe whose reader had enough: no error.
        if (fileErrorCode(error) === "EPIPE") return bytes.subarray(bytes.length);
        throw this.#failed(error, bytes, done);
      }
    }
    return bytes.subarray(done);
  }

  /** Twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#fd !== STDOUT) closeSync(this.#fd);
  }

  #failed(error: unknown, bytes: Uint8Array, done: number): HopmarkError {
    this.#length -= done - this.#wholeOf(bytes, done);
    try {
      if (fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, this.#length);
    } catch {
      // The half of a record at the end is then left: readers say that the file is cut.
    }
    const where = this.path === "-" ? "standard output" : this.path;
    return new HopmarkError("recording", `cannot go on writing ${where}: ${fileReason(error)}`, {
      hint: `make room, or record elsewhere; what was written, ${this.#length} bytes, is kept and can be read`,
      cause: error,
    });
  }
}

const create = (path: string): number => {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw new ConfigError(`cannot write ${path}: ${fileReason(error)}`, {
      hint: "name a file in a folder that is there and that you may write to",
      cause: error,
    });
  }
};
