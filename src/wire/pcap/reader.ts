/**
 * Reads classic capture files (draft-ietf-opsawg-pcap) as they come, in chunks of any size, and hands out packets where
 * they lie. Never throws: it says where it stopped.
 */
import { ChunkBuffer } from "../chunk-buffer.ts";

/** What a file says of all its packets. */
export interface PcapHeader {
  readonly linkType: number;
  readonly snapLength: number;
  /** Fractions of a second are counts of 1/`unitsPerSecond`: a million or a thousand million. */
  readonly unitsPerSecond: number;
}

/** One packet, valid until the callback returns; the reader uses the object again. */
export interface PcapPacket {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Bytes that are here. */
  readonly captured: number;
  /** Bytes that the packet had. */
  readonly original: number;
  /** Since 1970. */
  readonly seconds: number;
  /** In the header's units. */
  readonly fraction: number;
}

export interface PcapHandler {
  header?(header: PcapHeader): void;
  packet(packet: PcapPacket, header: PcapHeader): void;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** A longer packet is no packet: the limit of pcapng's blocks here, too. */
const MAX_PACKET = 16 << 20;

/** Whether a file starts as such files do. */
export const isPcap = (file: Uint8Array): boolean => file.length >= 4 && byteOrder(file, 0) !== undefined;

export class PcapReader {
  readonly #handler: PcapHandler;
  readonly #buffer = new ChunkBuffer();
  #little = true;
  #header: PcapHeader | undefined;
  #wrong: string | null = null;
  readonly #packet = {
    bytes: this.#buffer.bytes,
    offset: 0,
    captured: 0,
    original: 0,
    seconds: 0,
    fraction: 0,
  };

  constructor(handler: PcapHandler) {
    this.#handler = handler;
  }

  /** The next bytes of the file; false when nothing after them can be read, and {@link end} says why. */
  push(chunk: Uint8Array): boolean {
    if (this.#wrong !== null) return false;
    this.#buffer.append(chunk);
    const header = this.#header ?? this.#readHeader();
    if (header !== undefined) this.#packets(header);
    return this.#wrong === null;
  }

  /** To be called behind the last bytes: null when the file is whole, else what is wrong and where. */
  end(): string | null {
    const { start, end, position } = this.#buffer;
    if (this.#wrong === null && (start < end || this.#header === undefined)) {
      const what = this.#header === undefined ? "the file's header" : "the last packet";
      this.#wrong = `cut at byte ${position + end - start}: ${what} is not whole`;
    }
    return this.#wrong;
  }

  #readHeader(): PcapHeader | undefined {
    const { bytes, view, start, end } = this.#buffer;
    if (end - start < FILE_HEADER_BYTES) return undefined;
    const little = byteOrder(bytes, start);
    if (little === undefined) {
      this.#refuse("this is no pcap file");
      return undefined;
    }
    this.#little = little;
    this.#header = {
      // The upper bits say how long the frames' checksums are, if they have any.
      linkType: view.getUint32(start + 20, little) & 0xffff,
      snapLength: view.getUint32(start + 16, little),
      unitsPerSecond: view.getUint32(start, little) === NANOSECONDS ? 1_000_000_000 : 1_000_000,
    };
    this.#buffer.use(FILE_HEADER_BYTES);
    this.#handler.header?.(this.#header);
    return this.#header;
  }

  #packets(header: PcapHeader): void {
    const { bytes, view, end } = this.#buffer;
    const little = this.#little;
    const packet = this.#packet;
    packet.bytes = bytes;
    let at = this.#buffer.start;
    while (at + PACKET_HEADER_BYTES <= end) {
      const captured = view.getUint32(at + 8, little);
      if (captured > MAX_PACKET) {
        this.#buffer.use(at - this.#buffer.start);
        this.#refuse(`a packet cannot be ${captured} bytes long`);
        return;
      }
      if (at + PACKET_HEADER_BYTES + captured > end) break;
      packet.offset = at + PACKET_HEADER_BYTES;
      packet.captured = captured;
      packet.original = view.getUint32(at + 12, little);
      packet.seconds = view.getUint32(at, little);
      packet.fraction = view.getUint32(at + 4, little);
      this.#handler.packet(packet, header);
      at += PACKET_HEADER_BYTES + captured;
    }
    this.#buffer.use(at - this.#buffer.start);
  }

  #refuse(reason: string): void {
    this.#wrong = `cannot be read from byte ${this.#buffer.position} on: ${reason}`;
  }
}

/** Little-endian or not; undefined for what is no such file. */
const byteOrder = (bytes: Uint8Array, at: number): boolean | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 4);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MICROSECONDS || magic === NANOSECONDS) return little;
  }
  return undefined;
};
