/** One packet as the nodes on its way reported it. */
import { readU16 } from "../record-layout.ts";
import { exportOffsets } from "./export-layout.ts";

/** More nodes of one packet's way are not told apart. */
export const MOST_HOPS = 32;

/** What is known of a hop beside its record. */
export interface HopFacts {
  /** Which of the nodes that are read: its number with {@link ExportJoiner.take}. */
  readonly source: number;
  /** How often it was reported when it came to the node, and when it left it: several times when it was in pieces, or doubled. */
  readonly arrivals: number;
  readonly departures: number;
  /** Wire packets that came, and that left. */
  readonly arrivedSegments: number;
  readonly leftSegments: number;
}

/** The hops of a packet, in the order of its way. The joiner uses one object for all packets: it is as said until the next. */
export class JoinedPacket {
  hops = 0;
  /** Further reports of a node that had reported already: pieces of a packet that was cut, or duplicates. */
  repeats = 0;
  /** When its first report came, ms, by the clock of those who brought it. */
  sinceMs = 0;
  /** Whether it had to make room for others before its time. */
  expired = false;
  bytes: Uint8Array = new Uint8Array(0);
  readonly #offsets = new Int32Array(MOST_HOPS);
  readonly #facts: (HopFacts | undefined)[] = [];

  /** Starts anew. */
  begin(bytes: Uint8Array, sinceMs: number, repeats: number, expired: boolean): void {
    this.bytes = bytes;
    this.sinceMs = sinceMs;
    this.hops = 0;
    this.repeats = repeats;
    this.expired = expired;
  }

  /** Puts a hop in its place: hop limits fall on the way. */
  add(offset: number, facts: HopFacts): void {
    const hopLimit = this.bytes[offset + exportOffsets.hopLimit]!;
    let at = this.hops++;
    while (at > 0 && this.bytes[this.offset(at - 1) + exportOffsets.hopLimit]! < hopLimit) {
      this.#offsets[at] = this.#offsets[at - 1]!;
      this.#facts[at] = this.#facts[at - 1];
      at--;
    }
    this.#offsets[at] = offset;
    this.#facts[at] = facts;
  }

  /** Where in the bytes the hop's `ExportRecord` starts. */
  offset(hop: number): number {
    return this.#offsets[hop]!;
  }

  facts(hop: number): HopFacts {
    return this.#facts[hop]!;
  }

  hopLimit(hop: number): number {
    return this.bytes[this.offset(hop) + exportOffsets.hopLimit]!;
  }

  /** As the hop's node reported it first. */
  segments(hop: number): number {
    return readU16(this.bytes, this.offset(hop) + exportOffsets.segments);
  }
}
