/** Reads pcapng as it comes, in chunks of any size, and hands out blocks where they lie. Never throws: it says where it stopped. */
import { ChunkBuffer } from "../chunk-buffer.ts";
import { BlockType, BYTE_ORDER_MAGIC, OptionCode, padded } from "./block.ts";
import { visitOptions } from "./options.ts";

/** Where the options of a block lie, for {@link visitOptions}. */
export interface OptionsPlace {
  readonly view: DataView;
  readonly from: number;
  readonly to: number;
  readonly little: boolean;
}

export interface CapturedInterface {
  readonly id: number;
  readonly linkType: number;
  readonly snapLength: number;
  /** Timestamps are counts of 1/`unitsPerSecond`. */
  readonly unitsPerSecond: bigint;
  /** Seconds to add. */
  readonly timeOffset: bigint;
}

/** One packet, valid until the callback returns; the reader uses the object again. */
export interface CapturedPacket {
  readonly interface: CapturedInterface;
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Bytes that are here. */
  readonly captured: number;
  /** Bytes that the packet had. */
  readonly original: number;
  /** In the interface's units. */
  readonly timeHigh: number;
  readonly timeLow: number;
  readonly options: OptionsPlace;
}

/** What wants the blocks. All but `packet` are rare, and their places are valid until the call returns. */
export interface PcapngHandler {
  section?(options: OptionsPlace): void;
  interface?(described: CapturedInterface, options: OptionsPlace): void;
  packet(packet: CapturedPacket): void;
  statistics?(interfaceId: number, options: OptionsPlace): void;
}

/** Wireshark's limit, too: a longer block is no block. */
const MAX_BLOCK = 16 << 20;
const MICROSECONDS = 1_000_000n;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class PcapngReader {
  readonly #handler: PcapngHandler;
  readonly #buffer = new ChunkBuffer();
  #little = true;
  #inSection = false;
  #interfaces: CapturedInterface[] = [];
  #wrong: string | null = null;
  readonly #options: Mutable<OptionsPlace> = { view: this.#buffer.view, from: 0, to: 0, little: true };
  readonly #packet: Mutable<CapturedPacket> = {
    interface: { id: 0, linkType: 0, snapLength: 0, unitsPerSecond: MICROSECONDS, timeOffset: 0n },
    bytes: this.#buffer.bytes,
    offset: 0,
    captured: 0,
    original: 0,
    timeHigh: 0,
    timeLow: 0,
    options: this.#options,
  };

  constructor(handler: PcapngHandler) {
    this.#handler = handler;
  }

  /** The next bytes of the file; false when nothing after them can be read, and {@link end} says why. */
  push(chunk: Uint8Array): boolean {
    if (this.#wrong !== null) return false;
    this.#buffer.append(chunk);
    while (this.#wrong === null && this.#block());
    return this.#wrong === null;
  }

  /** To be called behind the last bytes: null when the file is whole, else what is wrong and where. */
  end(): string | null {
    const { start, end, position } = this.#buffer;
    if (this.#wrong === null && start < end) {
      this.#wrong = `cut at byte ${position + end - start}: the last block is not whole`;
    }
    return this.#wrong;
  }

  /** False when the next block is not all here, or is wrong. */
  #block(): boolean {
    const { view, start: at, end } = this.#buffer;
    const here = end - at;
    if (here < 12) return false;
    const isSection = view.getUint32(at, true) === BlockType.Section;
    if (isSection && !this.#readByteOrder(at)) return false;
    if (!isSection && !this.#inSection) return this.#refuse("no section starts here: this is no pcapng file");
    const little = this.#little;
    const total = view.getUint32(at + 4, little);
    if (total < 12 || total % 4 !== 0 || total > MAX_BLOCK)
      return this.#refuse(`a block cannot be ${total} bytes long`);
    if (here < total) return false;
    if (view.getUint32(at + total - 4, little) !== total) {
      return this.#refuse("a block's length is another at its end");
    }
    if (!this.#contents(view.getUint32(at, little), at + 8, at + total - 4)) return false;
    this.#buffer.use(total);
    return true;
  }

  #readByteOrder(at: number): boolean {
    const little = this.#buffer.view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && this.#buffer.view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC) {
      return this.#refuse("a section without its byte order");
    }
    this.#little = little;
    return true;
  }

  #contents(type: number, from: number, to: number): boolean {
    switch (type) {
      case BlockType.Section:
        if (to - from < 16) return this.#refuse("a section's header is too short");
        this.#inSection = true;
        this.#interfaces = [];
        this.#handler.section?.(this.#place(from + 16, to));
        return true;
      case BlockType.Interface:
        return to - from < 8 ? this.#refuse("an interface's description is too short") : this.#readInterface(from, to);
      case BlockType.Packet:
      case BlockType.ObsoletePacket:
        return this.#readPacket(type, from, to);
      case BlockType.SimplePacket:
        return this.#readSimple(from, to);
      case BlockType.Statistics:
        if (to - from < 12) return this.#refuse("an interface's statistics are too short");
        this.#handler.statistics?.(this.#buffer.view.getUint32(from, this.#little), this.#place(from + 12, to));
        return true;
      default:
        return true; // names, secrets, whatever others invent
    }
  }

  #readInterface(from: number, to: number): true {
    const [view, little] = [this.#buffer.view, this.#little];
    let unitsPerSecond = MICROSECONDS;
    let timeOffset = 0n;
    visitOptions(view, from + 8, to, little, (code, offset, length) => {
      if (code === OptionCode.InterfaceTimeResolution && length >= 1)
        unitsPerSecond = resolution(view.getUint8(offset));
      if (code === OptionCode.InterfaceTimeOffset && length >= 8) timeOffset = view.getBigInt64(offset, little);
    });
    const described: CapturedInterface = {
      id: this.#interfaces.length,
      linkType: view.getUint16(from, little),
      snapLength: view.getUint32(from + 4, little),
      unitsPerSecond,
      timeOffset,
    };
    this.#interfaces.push(described);
    this.#handler.interface?.(described, this.#place(from + 8, to));
    return true;
  }

  #readPacket(type: number, from: number, to: number): boolean {
    if (to - from < 20) return this.#refuse("a packet's header is too short");
    const [view, little] = [this.#buffer.view, this.#little];
    // An obsolete one has 16 bits of interface, and 16 of drops.
    const id = type === BlockType.Packet ? view.getUint32(from, little) : view.getUint16(from, little);
    return this.#hand(
      id,
      from + 20,
      to,
      view.getUint32(from + 12, little),
      view.getUint32(from + 16, little),
      view.getUint32(from + 4, little),
      view.getUint32(from + 8, little),
    );
  }

  #readSimple(from: number, to: number): boolean {
    if (to - from < 4) return this.#refuse("a packet's header is too short");
    const original = this.#buffer.view.getUint32(from, this.#little);
    const snapLength = this.#interfaces[0]?.snapLength ?? 0;
    const captured = Math.min(original, snapLength === 0 ? original : snapLength, to - from - 4);
    return this.#hand(0, from + 4, to, captured, original, 0, 0);
  }

  #hand(
    id: number,
    offset: number,
    to: number,
    captured: number,
    original: number,
    timeHigh: number,
    timeLow: number,
  ): boolean {
    const described = this.#interfaces[id];
    if (described === undefined) return this.#refuse(`a packet of interface ${id}, which nothing describes`);
    if (offset + captured > to) return this.#refuse("a packet is longer than its block");
    const packet = this.#packet;
    packet.interface = described;
    packet.bytes = this.#buffer.bytes;
    packet.offset = offset;
    packet.captured = captured;
    packet.original = original;
    packet.timeHigh = timeHigh;
    packet.timeLow = timeLow;
    this.#place(offset + padded(captured), to);
    this.#handler.packet(packet);
    return true;
  }

  #place(from: number, to: number): OptionsPlace {
    const options = this.#options;
    options.view = this.#buffer.view;
    options.from = from;
    options.to = to;
    options.little = this.#little;
    return options;
  }

  #refuse(reason: string): false {
    this.#wrong = `cannot be read from byte ${this.#buffer.position} on: ${reason}`;
    return false;
  }
}

const resolution = (exponent: number): bigint =>
  (exponent & 0x80) === 0 ? 10n ** BigInt(exponent) : 2n ** BigInt(exponent & 0x7f);

/** A packet's time, ns since 1970. */
export const packetTimeNs = ({
  timeHigh,
  timeLow,
  interface: { unitsPerSecond, timeOffset },
}: CapturedPacket): bigint =>
  (((BigInt(timeHigh) << 32n) | BigInt(timeLow)) * 1_000_000_000n) / unitsPerSecond + timeOffset * 1_000_000_000n;
