/** Where a command's words go: data to standard output, notes to standard error. */
import { styleFor, type Style } from "./style.ts";

/** What the output needs of a stream; process.stdout is one. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(data: string | Uint8Array): boolean;
  once?(event: "drain", listener: () => void): unknown;
}

/** The streams are asked for when they are used: to make one of Node.js takes a while. */
export interface OutputOptions {
  readonly json: boolean;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly environment: NodeJS.ProcessEnv;
  /** Writes a short line of JSON without making the stream, where nobody has made it; false when it did not. */
  readonly writeAlone?: (text: string) => boolean;
}

export class Output {
  readonly #options: OutputOptions;
  #style: Style | undefined;
  #noteStyle: Style | undefined;
  #closed = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  get json(): boolean {
    return this.#options.json;
  }

  get stdout(): Stream {
    return this.#options.stdout;
  }

  get style(): Style {
    return (this.#style ??= styleFor(this.stdout.isTTY === true, this.#options.environment));
  }

  get noteStyle(): Style {
    return (this.#noteStyle ??= styleFor(this.#options.stderr.isTTY === true, this.#options.environment));
  }

  /** A screen that can be redrawn: standard output is a terminal, and people read it. */
  get interactive(): boolean {
    return !this.json && this.stdout.isTTY === true && process.env["TERM"] !== "dumb";
  }

  /** How wide the terminal is; Infinity where there is none, or one that does not know. */
  get columns(): number {
    return this.stdout.isTTY === true ? this.stdout.columns || Infinity : Infinity;
  }

  /** One value, as a line of JSON or as the text made of it: both from one call, so that they cannot drift apart. */
  print<T>(value: T, text: (value: T, style: Style) => string): void {
    const line = this.line(value, text);
    if (this.json && !this.#closed && this.#options.writeAlone?.(line) === true) return;
    this.write(line);
  }

  /** What {@link print} would print. */
  line<T>(value: T, text: (value: T, style: Style) => string): string {
    const line = this.json ? toJsonText(value) : text(value, this.style);
    return line === "" || line.endsWith("\n") ? line : `${line}\n`;
  }

  /** Bytes for the terminal as they are. */
  write(text: string): void {
    if (!this.#closed && text !== "") this.#send(text);
  }

  /** The same, many at a time. False when they wait in memory: then they are to stay as they are, until {@link drained}. */
  writeBytes(bytes: Uint8Array): boolean {
    return this.#closed || bytes.length === 0 || this.#send(bytes);
  }

  #send(data: string | Uint8Array): boolean {
    try {
      return this.stdout.write(data);
    } catch (error) {
      // Who cleans up meanwhile may print.
      this.#closed = true;
      throw error;
    }
  }

  /** When what waits in memory has left, or the reader. */
  drained(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done);
      if (signal.aborted || this.stdout.once === undefined) done();
      else this.stdout.once("drain", done);
    });
  }

  /** For people, beside the data. */
  note(text: string): void {
    this.#options.stderr.write(`${text}\n`);
  }

  /** For people, about the data: with --json an object. */
  remark(text: string): void {
    this.note(this.json ? toJsonText({ type: "remark", text }) : `${this.noteStyle("yellow", "note:")} ${text}`);
  }

  /** The same for data that cannot go to standard output, because something else does. */
  onStandardError(): Output {
    const { json, stderr, environment } = this.#options;
    return new Output({ json, stdout: stderr, stderr, environment });
  }

  /** The reader has gone: what is printed from now on is dropped. */
  close(): void {
    this.#closed = true;
  }
}

/** JSON in which a bigint is a string of decimals. */
export const toJsonText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
