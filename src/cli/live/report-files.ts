/** What nodes elsewhere report, from files that `hopmark ioam export -w` wrote, or from pipes as it writes them. */
import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { ConfigError } from "../../errors.ts";
import {
  parseBatchLine,
  parseNodeLine,
  usedBytes,
  type ReportBatch,
  type ReportingNode,
} from "../../follow/trace/exports/report-stream.ts";
import { unreadable } from "../../follow/unreadable.ts";
import type { Watch } from "../../linux/ffi.ts";
import type { ExportNode } from "./export-nodes.ts";
import type { ExportReaders, TakeReport } from "./open-exports.ts";

/** One file's lines. */
export class ReportFile implements ExportNode {
  readonly name: string;
  readonly node: ReportingNode;
  readonly ends: ReadonlySet<string>;
  readonly readers: ExportReaders;
  /** What is read next; undefined behind the end. */
  next: ReportBatch | undefined;
  /** What could not be read, or is missing; null when nothing is. Once all is read. */
  wrong: string | null = null;
  readonly #lines: AsyncIterator<string>;
  #latest: ReportBatch;
  #take: TakeReport | undefined;
  #afterBatch: (records: number) => void = () => {};
  #resume: () => void = () => {};

  private constructor(
    name: string,
    node: ReportingNode,
    first: ReportBatch,
    lines: AsyncIterator<string>,
    close: () => void,
  ) {
    [this.name, this.node, this.#latest, this.next, this.#lines] = [name, node, first, first, lines];
    this.ends = new Set(node.ends);
    this.readers = {
      devices: node.devices,
      linkHeaderBytes: node.linkHeaderBytes,
      discarded: 0,
      poll: () => 0,
      watch: (take, afterBatch) => this.#watch(take, afterBatch),
      counts: () => this.#latest.counts,
      clock: () => 0n,
      close,
    };
  }

  /** ConfigError when there is no such file, or it is none of a node's reports. */
  static async open(path: string): Promise<ReportFile> {
    const name = path === "-" ? "standard input" : path;
    const input = path === "-" ? process.stdin : openFile(path);
    const close = (): void => void input.destroy();
    const lines = linesOf(name, input)[Symbol.asyncIterator]();
    try {
      const [node, first] = [await lines.next(), await lines.next()];
      if (node.done === true || first.done === true) throw notReports(name, "it ends too early");
      const facts = parseNodeLine(node.value);
      if (typeof facts === "string") throw notReports(name, facts);
      const batch = parseBatchLine(first.value);
      if (typeof batch === "string") throw notReports(name, `it ${batch}`);
      return new ReportFile(name, facts, batch, lines, close);
    } catch (error) {
      close();
      throw error;
    }
  }

  inserts(): readonly number[] {
    return this.#latest.inserts;
  }

  /** Hands out the batch that is next, once somebody takes it, and reads the one after it. */
  async step(): Promise<void> {
    const batch = this.next;
    if (batch === undefined) return;
    while (this.#take === undefined) await new Promise<void>((resolve) => (this.#resume = resolve));
    this.#latest = batch;
    let count = 0;
    for (let offset = 0; offset < batch.records.length; offset += usedBytes(batch.records, offset)) {
      this.#take(batch.records, offset);
      count++;
    }
    this.#afterBatch(count);
    this.next = batch.ended ? undefined : await this.#read();
  }

  async #read(): Promise<ReportBatch | undefined> {
    const { done, value } = await this.#lines.next();
    if (done === true) {
      this.wrong = `${this.name} has no end: it was cut off`;
      return undefined;
    }
    const batch = parseBatchLine(value);
    if (typeof batch !== "string") return batch;
    this.wrong = `${this.name} ${batch}: the rest is not read`;
    return undefined;
  }

  #watch(take: TakeReport, afterBatch: (records: number) => void): Watch {
    [this.#take, this.#afterBatch] = [take, afterBatch];
    this.#resume();
    return { close: () => (this.#take = undefined), ref: () => {}, unref: () => {} };
  }
}

/** Whether the reports are all there already: of something else than a file they come as they are made. */
export const isRegularFile = (path: string): boolean => path !== "-" && statSync(path).isFile();

const openFile = (path: string): NodeJS.ReadableStream & { destroy(): unknown } => {
  try {
    if (statSync(path).isDirectory()) throw new ConfigError(`cannot read ${path}: it is a folder`, { hint: HINT });
  } catch (error) {
    throw unreadable(path, error, HINT);
  }
  return createReadStream(path);
};

async function* linesOf(name: string, input: NodeJS.ReadableStream): AsyncGenerator<string> {
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw unreadable(name, error, HINT);
  }
}

const notReports = (name: string, reason: string): ConfigError =>
  new ConfigError(`${name} holds no node's reports: ${reason}`, { hint: "hopmark ioam export -w FILE writes them" });

const HINT = "name files that hopmark ioam export -w wrote, or - for standard input";
