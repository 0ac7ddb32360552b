/** Writes pcapng into memory: blocks pile up until they are taken. Writing a packet allocates nothing. */
import type { PacketColumns } from "../packet-columns.ts";
import { PacketCopier } from "../packet-copier.ts";
import { RecordBuffer } from "../record-buffer.ts";
import { BlockType, BYTE_ORDER_MAGIC, OptionCode, padded } from "./block.ts";
import { NanosecondWords } from "./nanoseconds.ts";
import { encodeOptions, type BlockOption } from "./options.ts";

/** Block type and length, before and behind what is in it. */
const BLOCK_OVERHEAD = 12;
const PACKET_FIXED = 20;
/** What goes before a packet. */
const PACKET_HEADER = 8 + PACKET_FIXED;
const NO_OPTIONS = new Uint8Array(0);
const NANOSECONDS = 9;
/** Codes and lengths of options as words. */
const FLAGS_OPTION = (4 << 16) | OptionCode.PacketFlags;
const ID_OPTION = (8 << 16) | OptionCode.PacketId;
/** With the end of the options. */
const FLAGS_BYTES = 12;
const FLAGS_AND_ID_BYTES = 24;

/** Nanoseconds since 1970 as two words of 32 bits, so that nobody needs a bigint for it. */
export interface TimeWords {
  readonly high: number;
  readonly low: number;
}

/** One little-endian section. Every number is checked by nobody: callers know their packets. */
export class PcapngWriter {
  readonly #buffer: RecordBuffer;
  readonly #copier = new PacketCopier();
  readonly #time = new NanosecondWords();
  #interfaces = 0;

  constructor(capacity?: number) {
    this.#buffer = new RecordBuffer(capacity);
  }

  /** Where {@link packet} says that packets lie. Another array after the next block. */
  get bytes(): Uint8Array {
    return this.#buffer.bytes;
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#buffer.length;
  }

  /** When the last of {@link packets} came. */
  get lastTime(): TimeWords {
    return { high: this.#time.high, low: this.#time.low };
  }

  /** What waits, whole blocks only: valid until the next block. */
  take(): Uint8Array {
    return this.#buffer.take();
  }

  /** Starts the section: the first block. */
  section(options: readonly BlockOption[]): void {
    const encoded = encodeOptions(options);
    const at = this.#begin(BlockType.Section, 16 + encoded.length);
    this.#buffer.view.setUint32(at, BYTE_ORDER_MAGIC, true);
    this.#buffer.view.setUint16(at + 4, 1, true);
    this.#buffer.view.setUint16(at + 6, 0, true);
    // Of unknown length: it is written as it comes.
    this.#buffer.view.setBigInt64(at + 8, -1n, true);
    this.#buffer.bytes.set(encoded, at + 16);
  }

  /** Describes an interface whose timestamps are nanoseconds; returns the number that packets name it by. */
  interface(linkType: number, snapLength: number, options: readonly BlockOption[]): number {
    const encoded = encodeOptions([[OptionCode.InterfaceTimeResolution, { u8: NANOSECONDS }], ...options]);
    const at = this.#begin(BlockType.Interface, 8 + encoded.length);
    this.#buffer.view.setUint16(at, linkType, true);
    this.#buffer.view.setUint16(at + 2, 0, true);
    this.#buffer.view.setUint32(at + 4, snapLength, true);
    this.#buffer.bytes.set(encoded, at + 8);
    return this.#interfaces++;
  }

  /** What an interface has counted until then. */
  statistics(interfaceId: number, time: TimeWords, options: readonly BlockOption[]): void {
    const encoded = encodeOptions(options);
    const at = this.#begin(BlockType.Statistics, 12 + encoded.length);
    this.#buffer.view.setUint32(at, interfaceId, true);
    this.#buffer.view.setUint32(at + 4, time.high, true);
    this.#buffer.view.setUint32(at + 8, time.low, true);
    this.#buffer.bytes.set(encoded, at + 12);
  }

  /**
   * Makes room for a packet of which `captured` bytes are kept, and returns where in {@link bytes} to write them.
   * `options` are encoded already, so that those that come again and again are encoded once.
   */
  packet(
    interfaceId: number,
    timeHigh: number,
    timeLow: number,
    captured: number,
    original: number,
    options: Uint8Array = NO_OPTIONS,
  ): number {
    const room = padded(captured);
    const at = this.#begin(BlockType.Packet, PACKET_FIXED + room + options.length);
    const { view, bytes } = this.#buffer;
    view.setUint32(at, interfaceId, true);
    view.setUint32(at + 4, timeHigh, true);
    view.setUint32(at + 8, timeLow, true);
    view.setUint32(at + 12, captured, true);
    view.setUint32(at + 16, original, true);
    const data = at + PACKET_FIXED;
    for (let pad = data + captured; pad < data + room; pad++) bytes[pad] = 0;
    bytes.set(options, data + room);
    return data;
  }

  /** Packets `first` to before `end`, all of one interface; with their directions, and their marks as ids. */
  packets(columns: PacketColumns, first: number, end: number, interfaceId: number): void {
    const { bytes, offset, captured, length, seconds, nanoseconds, direction, marks } = columns;
    const buffer = this.#buffer;
    const time = this.#time;
    for (let n = first; n < end; n++) {
      const kept = captured[n]!;
      const room = padded(kept);
      const way = direction[n]!;
      const isMarked = marks !== null && marks.present[n] === 1;
      const optionBytes = isMarked ? FLAGS_AND_ID_BYTES : way === 0 ? 0 : FLAGS_BYTES;
      const total = BLOCK_OVERHEAD + PACKET_FIXED + room + optionBytes;
      const start = buffer.add(total);
      const { words } = buffer;
      time.set(seconds[n]!, nanoseconds[n]!);
      let word = start >> 2;
      words[word] = BlockType.Packet;
      words[word + 1] = total;
      words[word + 2] = interfaceId;
      words[word + 3] = time.high;
      words[word + 4] = time.low;
      words[word + 5] = kept;
      words[word + 6] = length[n]!;
      word += (PACKET_HEADER + room) >> 2;
      if (kept < room) words[word - 1] = 0;
      this.#copier.copy(bytes, offset[n]!, kept, buffer, start + PACKET_HEADER);
      if (optionBytes > 0) {
        words[word] = FLAGS_OPTION;
        words[word + 1] = way;
        word += 2;
        if (isMarked) {
          words[word] = ID_OPTION;
          // The CPU in the upper 8 bits, the sequence number's lower 56 below.
          words[word + 1] = marks.seqLow[n]!;
          words[word + 2] = (marks.seqHigh[n]! & 0x00ff_ffff) | (marks.cpu[n]! << 24);
          word += 3;
        }
        words[word++] = OptionCode.End;
      }
      words[word] = total;
    }
  }

  /** Frame of a block with `size` bytes, a multiple of 4, in it; returns where they go. */
  #begin(type: number, size: number): number {
    const total = size + BLOCK_OVERHEAD;
    const at = this.#buffer.add(total);
    const { view } = this.#buffer;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, total, true);
    view.setUint32(at + total - 4, total, true);
    return at + 8;
  }
}
