/** Packets of batches to lines, as bytes. */
import { characterDump, hexDump } from "../../wire/line/hex-dump.ts";
import { FastLine } from "../../wire/line/fast-line.ts";
import type { LineWriter } from "../../wire/line/line-writer.ts";
import { TcpConversations } from "../../wire/line/tcp-conversations.ts";
import { formatPacket } from "../../wire/packet/format.ts";
import { linkHeaderLength } from "../../wire/packet/link-header.ts";
import type { FormatOptions, FouPorts, InterfaceName } from "../../wire/packet/protocol.ts";
import type { PacketBatch } from "./batch.ts";
import type { CaptureInterface } from "./capture.ts";
import { TimeText, type TimeStyle } from "./time-text.ts";

/** What lines show: tcpdump's flags. */
export interface LineOptions {
  /** `-t`, as often as it was given. */
  readonly time?: TimeStyle;
  /** Nine digits of a second. */
  readonly nano?: boolean;
  /** `-e`: the link-layer header too. */
  readonly link?: boolean;
  /** `-v`, as often as it was given. */
  readonly verbose?: number;
  /** `-q` */
  readonly quick?: boolean;
  /** `-S`: TCP's sequence numbers as they are. */
  readonly absolute?: boolean;
  /** `-#`: packets are numbered. */
  readonly number?: boolean;
  /** Bytes below the line: `-x`, `-X`, `-A`; with the link-layer header where `linkBytes` says so: `-xx`, `-XX`, `-AA`. */
  readonly bytes?: "hex" | "hex and characters" | "characters";
  readonly linkBytes?: boolean;
  /** UDP ports that carry IP protocols without a header between. */
  readonly fou?: FouPorts | undefined;
  /** What interfaces of a live capture on all of them are called. */
  readonly interfaceName?: InterfaceName | undefined;
}

export class PacketLines {
  readonly #writer: LineWriter;
  readonly #interfaces: readonly CaptureInterface[];
  readonly #options: LineOptions;
  readonly #format: FormatOptions;
  /** Null where lines show more than it knows. */
  readonly #fast: FastLine | null;
  readonly #time: TimeText;
  #number = 0;

  constructor(writer: LineWriter, interfaces: readonly CaptureInterface[], options: LineOptions) {
    const { link = false, verbose = 0, quick = false, absolute = false, bytes } = options;
    this.#writer = writer;
    this.#interfaces = interfaces;
    this.#options = options;
    this.#time = new TimeText(options.time ?? 0, options.nano ?? false);
    const conversations = absolute ? null : new TcpConversations();
    this.#fast = link || verbose > 0 || quick ? null : new FastLine(conversations, options.fou?.keys());
    this.#format = {
      link,
      verbose,
      quick,
      hexFollows: bytes !== undefined && bytes !== "characters",
      ...(conversations === null ? {} : { conversations }),
      ...(options.fou === undefined ? {} : { fou: options.fou }),
      ...(options.interfaceName === undefined ? {} : { interfaceName: options.interfaceName }),
    };
  }

  /** Writes the lines of packet `n` of the batch. */
  add(batch: PacketBatch, n: number): void {
    const writer = this.#writer;
    const start = batch.offset[n]!;
    const end = start + batch.captured[n]!;
    const { linkType } = this.#interfaces[batch.interfaceId[n]!]!;
    if (this.#options.number === true) writer.text(`${String(++this.#number).padStart(5)}  `);
    this.#time.write(writer, batch.seconds[n]!, batch.nanoseconds[n]!);
    const length = batch.length[n]!;
    if (this.#fast?.write(writer, batch.bytes, start, end, length, linkType) !== true) {
      const packet = { bytes: batch.bytes.subarray(start, end), linkType, wireLength: length };
      writer.text(formatPacket(packet, this.#format));
    }
    if (this.#options.bytes !== undefined) this.#dump(batch.bytes.subarray(start, end), linkType);
    writer.newline();
  }

  #dump(bytes: Uint8Array, linkType: number): void {
    const { bytes: kind, linkBytes } = this.#options;
    const from = linkBytes === true ? 0 : Math.min(linkHeaderLength(bytes, linkType), bytes.length);
    this.#writer.text(
      kind === "characters"
        ? characterDump(bytes, from, bytes.length)
        : hexDump(bytes, from, bytes.length, kind !== "hex"),
    );
  }
}
