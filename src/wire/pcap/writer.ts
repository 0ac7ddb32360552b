/** Writes classic capture files into memory: packets pile up until they are taken. Writing a packet allocates nothing. */

export interface PcapFileFacts {
  readonly linkType: number;
  /** 0: all of a packet. */
  readonly snapLength: number;
  /** Fractions of a second are nanoseconds, else microseconds. */
  readonly nanoseconds: boolean;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
/** What others write who do not limit it. */
const WHOLE = 0x40000;

export class PcapWriter {
  bytes = new Uint8Array(1 << 18);
  /** Bytes that wait to be taken. */
  length = FILE_HEADER_BYTES;
  /** The same memory. */
  view = new DataView(this.bytes.buffer);
  readonly #nsPerUnit: number;

  constructor({ linkType, snapLength, nanoseconds }: PcapFileFacts) {
    this.#nsPerUnit = nanoseconds ? 1 : 1000;
    this.view.setUint32(0, nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4, true);
    this.view.setUint16(4, 2, true);
    this.view.setUint16(6, 4, true);
    this.view.setUint32(16, snapLength === 0 ? WHOLE : snapLength, true);
    this.view.setUint32(20, linkType, true);
  }

  /** Makes room for a packet; returns where in `bytes` to write what is kept of it. */
  packet(seconds: number, nanoseconds: number, captured: number, original: number): number {
    const at = this.length;
    const end = at + PACKET_HEADER_BYTES + captured;
    if (end > this.bytes.length) this.#grow(end);
    this.view.setUint32(at, seconds, true);
    this.view.setUint32(at + 4, Math.floor(nanoseconds / this.#nsPerUnit), true);
    this.view.setUint32(at + 8, captured, true);
    this.view.setUint32(at + 12, original, true);
    this.length = end;
    return at + PACKET_HEADER_BYTES;
  }

  /** What waits: valid until the next packet. */
  take(): Uint8Array {
    const bytes = this.bytes.subarray(0, this.length);
    this.length = 0;
    return bytes;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
