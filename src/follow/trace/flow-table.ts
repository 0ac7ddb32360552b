/**
 * Flows by addresses, protocol and ports, to small numbers. Flows come from the network and go again, so there is room for so
 * many only: a new one takes the place of the one in its set that was seen least lately. Looking up allocates nothing.
 */
import { formatAddress } from "../../wire/address.ts";
import { protocolName } from "./protocol-name.ts";
import { readU16, recordOffsets } from "./record-layout.ts";

/** Two addresses, ports, protocol. */
const KEY_WORDS = 10;
const WAYS = 4;

export interface FlowIdentity {
  readonly source: string;
  readonly destination: string;
  /** `icmpv6`, `tcp`, `udp`, else the number. */
  readonly protocol: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export class FlowTable {
  readonly capacity: number;
  /** Flows that lost their place. */
  evicted = 0;
  /** Whether the flow looked up last was not there before. */
  isNew = false;
  readonly #sets: number;
  readonly #keys: Int32Array;
  /** When each place was used last, as the number of the look-up; 0 when never. */
  readonly #used: Float64Array;
  readonly #key = new Int32Array(KEY_WORDS);
  #lookups = 0;
  /** The bytes that records came from last, and their view. */
  #record: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#record.buffer);

  /** `capacity` is a power of two, at least 4. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#sets = capacity / WAYS;
    this.#keys = new Int32Array(capacity * KEY_WORDS);
    this.#used = new Float64Array(capacity);
  }

  /** The place of the flow of the record at `offset`, which is its from now on. */
  placeOf(record: Uint8Array, offset: number): number {
    const key = this.#key;
    const addresses = offset + recordOffsets.source;
    if (record !== this.#record) this.#look(record);
    const view = this.#view;
    for (let word = 0; word < 8; word++) key[word] = view.getInt32(addresses + word * 4, true);
    key[8] = view.getInt32(offset + recordOffsets.sourcePort, true);
    key[9] = record[offset + recordOffsets.protocol]!;
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) {
      hash = Math.imul(hash ^ key[word]!, 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    const first = (hash & (this.#sets - 1)) * WAYS;
    let oldest = first;
    this.#lookups++;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#used[place]! > 0 && this.#matches(place)) {
        this.#used[place] = this.#lookups;
        this.isNew = false;
        return place;
      }
      if (this.#used[place]! < this.#used[oldest]!) oldest = place;
    }
    if (this.#used[oldest]! > 0) this.evicted++;
    this.#keys.set(key, oldest * KEY_WORDS);
    this.#used[oldest] = this.#lookups;
    this.isNew = true;
    return oldest;
  }

  #look(record: Uint8Array): void {
    this.#record = record;
    this.#view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  }

  /** The places that are taken, in no order. */
  places(): number[] {
    return Array.from(this.#used.keys()).filter((place) => this.#used[place]! > 0);
  }

  identity(place: number): FlowIdentity {
    const bytes = new Uint8Array(this.#keys.buffer, place * KEY_WORDS * 4, KEY_WORDS * 4);
    return {
      source: formatAddress("ipv6", bytes, 0),
      destination: formatAddress("ipv6", bytes, 16),
      protocol: protocolName(bytes[36]!),
      sourcePort: readU16(bytes, 32),
      destinationPort: readU16(bytes, 34),
    };
  }

  #matches(place: number): boolean {
    const [keys, key] = [this.#keys, this.#key];
    const at = place * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) if (keys[at + word] !== key[word]) return false;
    return true;
  }
}
