/** Writes what a node reports for `hopmark trace --reports`, on this machine or another one, while the command runs. */
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { HopmarkError } from "../../errors.ts";
import { OutputFile } from "../../follow/output-file.ts";
import { batchLine, nodeLine, usedBytes } from "../../follow/trace/exports/report-stream.ts";
import { readClock } from "../../linux/clock.ts";
import type { Watch } from "../../linux/ffi.ts";
import type { Output } from "../framework/output.ts";
import { namesAround } from "../lab-names.ts";
import { untilEnd } from "../live/end.ts";
import { flowsAskedFor, sinksIn } from "../live/local-export-nodes.ts";
import type { ExportReaders } from "../live/open-exports.ts";

/** Whoever joins them waits half a second for each packet's. */
const WRITE_MS = 50;
/** Counters and rules cost system calls. */
const LOOK_MS = 500;
/** How long the end waits for a pipe's reader. */
const LAST_WRITE_MS = 5000;
const RETRY_MS = 5;
const ROOM_BYTES = 1 << 20;
const NEWLINE = 0x0a;

export interface WriteReportsOptions {
  readonly netns: string | undefined;
  readonly seconds: number | undefined;
  /** The file; `-` is standard output. */
  readonly write: string;
}

/** Until it is told to end, its time is over or its reader has gone. Says then how many reports were written. */
export const writeReports = async (
  readers: ExportReaders,
  { netns, seconds, write }: WriteReportsOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  const file = new OutputFile(write, (bytes, length) => bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1);
  const stream = new ReportStream(readers, netns, file);
  try {
    await untilEnd(signal, seconds, [stream.failed]);
    await stream.end();
    output
      .onStandardError()
      .print({ type: "summary", reports: stream.written }, ({ reports }) => `${reports} reports written`);
  } finally {
    stream.close();
    file.close();
  }
};

class ReportStream {
  /** Rejects when the file cannot be written. */
  readonly failed: Promise<never>;
  written = 0;
  readonly #readers: ExportReaders;
  readonly #netns: string | undefined;
  readonly #file: OutputFile;
  readonly #records = new Uint8Array(ROOM_BYTES);
  readonly #timer: NodeJS.Timeout;
  #watch: Watch | undefined;
  #used = 0;
  #counts: ReturnType<ExportReaders["counts"]>;
  #inserts: readonly number[];
  #lookedMs = performance.now();
  /** What a full pipe did not take yet. */
  #rest: Uint8Array;
  #fail: (error: unknown) => void = () => {};

  constructor(readers: ExportReaders, netns: string | undefined, file: OutputFile) {
    [this.#readers, this.#netns, this.#file] = [readers, netns, file];
    this.#counts = readers.counts();
    this.#inserts = flowsAskedFor(netns);
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => {}); // whoever waits for it hears of it
    const { devices, linkHeaderBytes } = readers;
    const node = netns === undefined ? hostname() : `${netns} of ${hostname()}`;
    const ends = [...sinksIn(netns)];
    this.#rest = Buffer.from(nodeLine({ node, devices, ends, linkHeaderBytes, names: namesAround(netns) }));
    this.#step();
    this.#timer = setInterval(() => this.#step(), WRITE_MS);
  }

  /** Writes all that has come. */
  async end(): Promise<void> {
    this.close();
    this.#readers.poll(this.#take);
    this.#counts = this.#readers.counts();
    this.#add(true);
    for (const end = performance.now() + LAST_WRITE_MS; !this.#flush(); await sleep(RETRY_MS)) {
      if (performance.now() < end) continue;
      throw new HopmarkError("recording", `the reader of ${this.#file.path} does not read`, {
        hint: "end it, or let it go on",
      });
    }
  }

  /** Twice is fine. */
  close(): void {
    clearInterval(this.#timer);
    this.#pause();
  }

  readonly #take = (bytes: Uint8Array, offset: number): void => {
    const length = usedBytes(bytes, offset);
    if (this.#used + length > ROOM_BYTES) this.#add(false);
    this.#records.set(bytes.subarray(offset, offset + length), this.#used);
    this.#used += length;
    this.written++;
  };

  /** While a pipe's reader is slow, reports wait in the rings, and what finds no room there is counted. */
  #step(): void {
    try {
      if (this.#flush()) {
        this.#look();
        this.#add(false);
      }
      if (this.#flush()) this.#watch ??= this.#readers.watch(this.#take, () => {});
      else this.#pause();
    } catch (error) {
      this.#fail(error);
    }
  }

  #pause(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #look(): void {
    if (performance.now() - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = performance.now();
    this.#counts = this.#readers.counts();
    this.#inserts = flowsAskedFor(this.#netns);
  }

  /** Adds what has come, and what is counted, to what waits to be written. */
  #add(ended: boolean): void {
    const [atNs, records] = [readClock("realtime"), this.#records.subarray(0, this.#used)];
    const line = batchLine({ atNs, records, counts: this.#counts, inserts: this.#inserts, ended });
    this.#used = 0;
    this.#rest = Buffer.concat([this.#rest, Buffer.from(line)]);
  }

  /** Whether all is written. */
  #flush(): boolean {
    this.#rest = this.#file.write(this.#rest);
    return this.#rest.length === 0;
  }
}
