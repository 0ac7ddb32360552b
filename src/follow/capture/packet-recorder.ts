/** Packets of batches to the bytes of a capture file. */
import { ConfigError } from "../../errors.ts";
import { OptionCode } from "../../wire/pcapng/block.ts";
import type { BlockOption } from "../../wire/pcapng/options.ts";
import { PcapngWriter } from "../../wire/pcapng/writer.ts";
import { PcapWriter } from "../../wire/pcap/writer.ts";
import type { PacketBatch } from "./batch.ts";
import type { CaptureCounts, CaptureInterface } from "./capture.ts";
import { formatFor } from "./format-for.ts";

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

export const recorderFor = (path: string, application: string): PacketRecorder =>
  formatFor(path) === "pcap" ? new PcapRecorder(path) : new PcapngRecorder(application);

const WORD = 4;
const readU32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

class PcapngRecorder implements PacketRecorder {
  readonly #writer = new PcapngWriter();
  /** By the capture's interface: the number in the file. */
  readonly #interfaces = new Map<number, number>();

  constructor(application: string) {
    this.#writer.section([[OptionCode.SectionApplication, { text: application }]]);
  }

  get length(): number {
    return this.#writer.length;
  }

  add(batch: PacketBatch, n: number, own: CaptureInterface): void {
    this.#writer.packets(batch, n, n + 1, this.#numberOf(own));
  }

  addAll(batch: PacketBatch, interfaces: readonly CaptureInterface[]): void {
    for (let n = 0, end; n < batch.count; n = end) {
      end = endOfRun(batch, n);
      this.#writer.packets(batch, n, end, this.#numberOf(interfaces[batch.interfaceId[n]!]!));
    }
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
    this.#writer.statistics(id, this.#writer.lastTime, options);
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

  #numberOf(own: CaptureInterface): number {
    return this.#interfaces.get(own.id) ?? this.#describe(own);
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

/** Behind the packets, from `first` on, that have its interface. */
const endOfRun = ({ interfaceId, count }: PacketBatch, first: number): number => {
  const own = interfaceId[first];
  let end = first + 1;
  while (end < count && interfaceId[end] === own) end++;
  return end;
};

class PcapRecorder implements PacketRecorder {
  readonly #path: string;
  #writer: PcapWriter | undefined;
  #linkType = -1;

  constructor(path: string) {
    this.#path = path;
  }

  get length(): number {
    return this.#writer?.length ?? 0;
  }

  add(batch: PacketBatch, n: number, own: CaptureInterface): void {
    this.#writerFor(own).packets(batch, n, n + 1);
  }

  addAll(batch: PacketBatch, interfaces: readonly CaptureInterface[]): void {
    for (let n = 0, end; n < batch.count; n = end) {
      end = endOfRun(batch, n);
      this.#writerFor(interfaces[batch.interfaceId[n]!]!).packets(batch, n, end);
    }
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

  #writerFor({ linkType, snapLength, unitsPerSecond }: CaptureInterface): PcapWriter {
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
    return this.#writer;
  }
}
