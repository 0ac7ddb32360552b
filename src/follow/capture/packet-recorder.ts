/** Packets of batches to the bytes of a capture file. */
import { ConfigError } from "../../errors.ts";
import { OptionCode } from "../../wire/pcapng/block.ts";
import type { BlockOption } from "../../wire/pcapng/options.ts";
import { PcapngWriter } from "../../wire/pcapng/writer.ts";
import { PacketCopier } from "../../wire/packet-copier.ts";
import { PcapWriter } from "../../wire/pcap/writer.ts";
import type { PacketBatch } from "./batch.ts";
import type { CaptureCounts, CaptureInterface } from "./capture.ts";
import { NanosecondWords } from "./nanoseconds.ts";

export interface PacketRecorder {
  /** Packet `n` of a batch. ConfigError when the format has no room for it. */
  add(batch: PacketBatch, n: number, own: CaptureInterface): void;
  /** All packets of a batch, of these interfaces. */
  addAll(batch: PacketBatch, interfaces: readonly CaptureInterface[]): void;
  /** What was counted, at the end; `all`: the capture's interfaces. */
  finish(counts: CaptureCounts, all: readonly CaptureInterface[]): void;
  /** Bytes that wait. */
  readonly length: number;
  /** Takes them: valid until the next packet. */
  take(): Uint8Array;
  /** Of bytes of which only `length` could be written: how many are whole records. */
  wholeOf(bytes: Uint8Array, length: number): number;
}

/** By the file's name: the older format where it ends so, as tcpdump's users expect. */
export const recorderFor = (path: string, application: string): PacketRecorder =>
  /\.p?cap$/i.test(path) ? new PcapRecorder(path) : new PcapngRecorder(application);

const WORD = 4;
const readU32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

class PcapngRecorder implements PacketRecorder {
  readonly #writer = new PcapngWriter();
  readonly #time = new NanosecondWords();
  /** By the capture's interface: the number in the file. */
  readonly #interfaces = new Map<number, number>();
  readonly #options = new PacketOptions();
  readonly #copier = new PacketCopier();
  /** The interface of the last packet. */
  #own: CaptureInterface | undefined;
  #id = 0;

  constructor(application: string) {
    this.#writer.section([[OptionCode.SectionApplication, { text: application }]]);
  }

  get length(): number {
    return this.#writer.length;
  }

  add(batch: PacketBatch, n: number, own: CaptureInterface): void {
    if (own !== this.#own) {
      this.#own = own;
      this.#id = this.#interfaces.get(own.id) ?? this.#describe(own);
    }
    const { high, low } = this.#time.set(batch.seconds[n]!, batch.nanoseconds[n]!);
    const captured = batch.captured[n]!;
    const options = this.#options.of(batch, n);
    const writer = this.#writer;
    const at = writer.packet(this.#id, high, low, captured, batch.length[n]!, options);
    this.#copier.copy(batch.bytes, batch.offset[n]!, captured, writer.view, writer.bytes, at);
  }

  addAll(batch: PacketBatch, interfaces: readonly CaptureInterface[]): void {
    for (let n = 0; n < batch.count; n++) this.add(batch, n, interfaces[batch.interfaceId[n]!]!);
  }

  finish({ lost, lostAt }: CaptureCounts, all: readonly CaptureInterface[]): void {
    if (lostAt !== undefined) {
      for (const own of all) {
        const here = lostAt[own.id] ?? 0;
        const id = this.#interfaces.get(own.id) ?? (here > 0 ? this.#describe(own) : undefined);
        if (id !== undefined) this.#statistics(id, here);
      }
      return;
    }
    let left = lost;
    for (const id of this.#interfaces.values()) {
      if (left === null) return;
      // Nothing says which of several interfaces lost them.
      this.#statistics(id, left);
      left = 0;
    }
  }

  #statistics(id: number, lost: number): void {
    const options: BlockOption[] = [[OptionCode.StatisticsOsDropped, { u64: BigInt(lost) }]];
    this.#writer.statistics(id, { high: this.#time.high, low: this.#time.low }, options);
  }

  take(): Uint8Array {
    return this.#writer.take();
  }

  wholeOf(bytes: Uint8Array, length: number): number {
    let at = 0;
    for (let next = 0; next <= length;) {
      at = next;
      if (at + 2 * WORD > length) break;
      next += readU32(bytes, at + WORD);
    }
    return at;
  }

  #describe({ id, name, description, linkType, snapLength }: CaptureInterface): number {
    const options: BlockOption[] = [];
    if (name !== null) options.push([OptionCode.InterfaceName, { text: name }]);
    if (description !== null) options.push([OptionCode.InterfaceDescription, { text: description }]);
    const number = this.#writer.interface(linkType, snapLength, options);
    this.#interfaces.set(id, number);
    return number;
  }
}

/** `epb_flags`, `epb_packetid` and the end of the options: made once, filled in for each packet. */
class PacketOptions {
  readonly #none = new Uint8Array(0);
  readonly #bytes = new Uint8Array(24);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #flagsOnly: Uint8Array;

  constructor() {
    this.#view.setUint16(0, OptionCode.PacketFlags, true);
    this.#view.setUint16(2, 4, true);
    this.#view.setUint16(8, OptionCode.PacketId, true);
    this.#view.setUint16(10, 8, true);
    const short = this.#bytes.slice(0, 12);
    short.fill(0, 8);
    this.#flagsOnly = short;
  }

  of({ direction, marks }: PacketBatch, n: number): Uint8Array {
    const way = direction[n]!;
    if (marks !== null && marks.present[n] === 1) {
      this.#bytes[4] = way;
      // The CPU in the upper 8 bits, the sequence number's lower 56 below.
      this.#view.setUint32(12, marks.seqLow[n]!, true);
      this.#view.setUint32(16, ((marks.seqHigh[n]! & 0x00ff_ffff) | (marks.cpu[n]! << 24)) >>> 0, true);
      return this.#bytes;
    }
    if (way === 0) return this.#none;
    this.#flagsOnly[4] = way;
    return this.#flagsOnly;
  }
}

class PcapRecorder implements PacketRecorder {
  readonly #path: string;
  #writer: PcapWriter | undefined;
  #linkType = -1;
  readonly #copier = new PacketCopier();

  constructor(path: string) {
    this.#path = path;
  }

  get length(): number {
    return this.#writer?.length ?? 0;
  }

  add(batch: PacketBatch, n: number, { linkType, snapLength, unitsPerSecond }: CaptureInterface): void {
    if (this.#writer === undefined) {
      this.#linkType = linkType;
      this.#writer = new PcapWriter({ linkType, snapLength, nanoseconds: unitsPerSecond > 1_000_000n });
    }
    if (linkType !== this.#linkType) {
      throw new ConfigError(
        `${this.#path}: the older pcap format has room for one link type, and this capture has several`,
        {
          hint: `name it ${this.#path.replace(/\.p?cap$/i, ".pcapng")}`,
        },
      );
    }
    const captured = batch.captured[n]!;
    const writer = this.#writer;
    const at = writer.packet(batch.seconds[n]!, batch.nanoseconds[n]!, captured, batch.length[n]!);
    this.#copier.copy(batch.bytes, batch.offset[n]!, captured, writer.view, writer.bytes, at);
  }

  addAll(batch: PacketBatch, interfaces: readonly CaptureInterface[]): void {
    for (let n = 0; n < batch.count; n++) this.add(batch, n, interfaces[batch.interfaceId[n]!]!);
  }

  /** There is no room for it. */
  finish(): void {
    this.#writer ??= new PcapWriter({ linkType: 1, snapLength: 0, nanoseconds: false });
  }

  take(): Uint8Array {
    return this.#writer?.take() ?? new Uint8Array(0);
  }

  wholeOf(bytes: Uint8Array, length: number): number {
    // The file's header is written with the first packets.
    const magic = readU32(bytes, 0);
    let at = 0;
    for (let next = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d ? 24 : 0; next <= length;) {
      at = next;
      if (at + 16 > length) break;
      next += 16 + readU32(bytes, at + 8);
    }
    return at;
  }
}
