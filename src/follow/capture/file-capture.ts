/** Captures in files. */
import { ConfigError } from "../../errors.ts";
import type { PacketBatch } from "./batch.ts";
import type { Capture, CaptureCounts, CapturedFrame, CaptureInterface } from "./capture.ts";
import { decodedPackets } from "./decoded-packets.ts";
import { openChunks, type FileChunks } from "./file-chunks.ts";
import { parserFor, type FileParser } from "./file-parser.ts";
import { MarkReader } from "./mark-columns.ts";

/** Bytes that tell the format. */
const MAGIC_BYTES = 4;

/** Reads as far as to know the format; `-` is standard input. ConfigError when it cannot be read, or is no capture. */
export const openFileCapture = async (path: string, marks: boolean): Promise<Capture> => {
  const chunks = openChunks(path);
  try {
    let start = new Uint8Array(0);
    while (start.length < MAGIC_BYTES) {
      const chunk = await chunks.next();
      if (chunk === undefined) break;
      start = joined(start, chunk);
    }
    const parser = start.length < MAGIC_BYTES ? undefined : parserFor(start);
    if (parser === undefined) throw noCapture(chunks.name, start.length);
    return new FileCapture(chunks, start, parser, marks ? new MarkReader() : null);
  } catch (error) {
    chunks.close();
    throw error;
  }
};

class FileCapture implements Capture {
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  readonly #chunks: FileChunks;
  readonly #parser: FileParser;
  readonly #marks: MarkReader | null;
  #goesOn: boolean;
  #wrong: string | null = null;
  #read = 0;
  #closed = false;

  constructor(chunks: FileChunks, start: Uint8Array, parser: FileParser, marks: MarkReader | null) {
    this.name = chunks.name;
    this.interfaces = parser.interfaces;
    this.#chunks = chunks;
    this.#parser = parser;
    this.#marks = marks;
    this.#goesOn = parser.push(start);
  }

  async *batches(): AsyncGenerator<PacketBatch, void, undefined> {
    const { columns, interfaces } = this.#parser;
    const linkTypeOf = (id: number): number => interfaces[id]!.linkType;
    while (!this.#closed) {
      if (columns.count > 0) {
        this.#read += columns.count;
        columns.marks = this.#marks?.read(columns, linkTypeOf) ?? null;
        yield columns;
        columns.clear();
      }
      if (!this.#goesOn) break;
      const chunk = await this.#chunks.next();
      if (chunk === undefined) break;
      this.#goesOn = this.#parser.push(chunk);
    }
    if (!this.#closed) this.#wrong = this.#parser.end();
  }

  packets(): AsyncIterable<CapturedFrame> {
    return decodedPackets(this.batches(), this.interfaces);
  }

  counts(): CaptureCounts {
    const read = this.#read;
    const lost = this.#parser.lost();
    return { read, lost, produced: lost === null ? null : read + lost };
  }

  stop(): void {}

  remark(): string | null {
    return this.#wrong === null
      ? null
      : `${this.name} ${this.#wrong}; ${this.#read} ${this.#read === 1 ? "packet is" : "packets are"} read`;
  }

  close(): void {
    this.#closed = true;
    this.#chunks.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const joined = (front: Uint8Array, rest: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(front.length + rest.length);
  bytes.set(front);
  bytes.set(rest, front.length);
  return bytes;
};

const noCapture = (name: string, length: number): ConfigError =>
  new ConfigError(
    `${name} is no capture: ${length === 0 ? "it is empty" : length < MAGIC_BYTES ? "it ends too early" : "it starts neither as pcap nor as pcapng"}`,
    { hint: "hopmark dump -w FILE makes one, and so do tcpdump and Wireshark; unpack compressed ones first" },
  );
