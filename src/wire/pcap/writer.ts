/** Writes classic capture files into memory: packets pile up until they are taken. Writing a packet allocates nothing. */
import type { PacketColumns } from "../packet-columns.ts";
import { PacketCopier } from "../packet-copier.ts";
import { RecordBuffer } from "../record-buffer.ts";

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
const NS_PER_US = 1000;

export class PcapWriter {
  readonly #buffer = new RecordBuffer();
  readonly #copier = new PacketCopier();
  readonly #hasNanoseconds: boolean;

  constructor({ linkType, snapLength, nanoseconds }: PcapFileFacts) {
    this.#hasNanoseconds = nanoseconds;
    this.#buffer.add(FILE_HEADER_BYTES);
    const { view } = this.#buffer;
    view.setUint32(0, nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, snapLength === 0 ? WHOLE : snapLength, true);
    view.setUint32(20, linkType, true);
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#buffer.length;
  }

  /** Packets `first` to before `end`. */
  packets(columns: PacketColumns, first: number, end: number): void {
    const { bytes, offset, captured, length, seconds, nanoseconds } = columns;
    const buffer = this.#buffer;
    for (let n = first; n < end; n++) {
      const kept = captured[n]!;
      const fraction = this.#hasNanoseconds ? nanoseconds[n]! : Math.trunc(nanoseconds[n]! / NS_PER_US);
      const at = buffer.add(PACKET_HEADER_BYTES + kept);
      if ((at & 3) === 0) {
        const { words } = buffer;
        const word = at >> 2;
        words[word] = seconds[n]!;
        words[word + 1] = fraction;
        words[word + 2] = kept;
        words[word + 3] = length[n]!;
      } else {
        const { view } = buffer;
        view.setUint32(at, seconds[n]!, true);
        view.setUint32(at + 4, fraction, true);
        view.setUint32(at + 8, kept, true);
        view.setUint32(at + 12, length[n]!, true);
      }
      this.#copier.copy(bytes, offset[n]!, kept, buffer, at + PACKET_HEADER_BYTES);
    }
  }

  /** What waits: valid until the next packet. */
  take(): Uint8Array {
    return this.#buffer.take();
  }
}
