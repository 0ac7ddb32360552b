/** Writes pcapng into memory: blocks pile up until they are taken. Writing a packet allocates nothing. */
import { BlockType, BYTE_ORDER_MAGIC, OptionCode, padded } from "./block.ts";
import { encodeOptions, type BlockOption } from "./options.ts";

/** Block type and length, before and behind what is in it. */
const BLOCK_OVERHEAD = 12;
const PACKET_FIXED = 20;
const NO_OPTIONS = new Uint8Array(0);
const NANOSECONDS = 9;

/** Nanoseconds since 1970 as two words of 32 bits, so that nobody needs a bigint for it. */
export interface TimeWords {
  readonly high: number;
  readonly low: number;
}

/** One little-endian section. Every number is checked by nobody: callers know their packets. */
export class PcapngWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  #interfaces = 0;

  constructor(capacity: number = 1 << 18) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Where {@link packet} says that packets lie. Another array after the next block. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same memory. */
  get view(): DataView {
    return this.#view;
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  /** What waits, whole blocks only: valid until the next block. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Starts the section: the first block. */
  section(options: readonly BlockOption[]): void {
    const encoded = encodeOptions(options);
    const at = this.#begin(BlockType.Section, 16 + encoded.length);
    this.#view.setUint32(at, BYTE_ORDER_MAGIC, true);
    this.#view.setUint16(at + 4, 1, true);
    this.#view.setUint16(at + 6, 0, true);
    // Of unknown length: it is written as it comes.
    this.#view.setBigInt64(at + 8, -1n, true);
    this.#bytes.set(encoded, at + 16);
  }

  /** Describes an interface whose timestamps are nanoseconds; returns the number that packets name it by. */
  interface(linkType: number, snapLength: number, options: readonly BlockOption[]): number {
    const encoded = encodeOptions([[OptionCode.InterfaceTimeResolution, { u8: NANOSECONDS }], ...options]);
    const at = this.#begin(BlockType.Interface, 8 + encoded.length);
    this.#view.setUint16(at, linkType, true);
    this.#view.setUint16(at + 2, 0, true);
    this.#view.setUint32(at + 4, snapLength, true);
    this.#bytes.set(encoded, at + 8);
    return this.#interfaces++;
  }

  /** What an interface has counted until then. */
  statistics(interfaceId: number, time: TimeWords, options: readonly BlockOption[]): void {
    const encoded = encodeOptions(options);
    const at = this.#begin(BlockType.Statistics, 12 + encoded.length);
    this.#view.setUint32(at, interfaceId, true);
    this.#view.setUint32(at + 4, time.high, true);
    this.#view.setUint32(at + 8, time.low, true);
    this.#bytes.set(encoded, at + 12);
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
    const view = this.#view;
    view.setUint32(at, interfaceId, true);
    view.setUint32(at + 4, timeHigh, true);
    view.setUint32(at + 8, timeLow, true);
    view.setUint32(at + 12, captured, true);
    view.setUint32(at + 16, original, true);
    const data = at + PACKET_FIXED;
    for (let pad = data + captured; pad < data + room; pad++) this.#bytes[pad] = 0;
    for (let index = 0; index < options.length; index++) this.#bytes[data + room + index] = options[index]!;
    return data;
  }

  /** Frame of a block with `size` bytes, a multiple of 4, in it; returns where they go. */
  #begin(type: number, size: number): number {
    const at = this.#length;
    const total = size + BLOCK_OVERHEAD;
    if (at + total > this.#bytes.length) this.#grow(at + total);
    this.#view.setUint32(at, type, true);
    this.#view.setUint32(at + 4, total, true);
    this.#view.setUint32(at + total - 4, total, true);
    this.#length = at + total;
    return at + 8;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
