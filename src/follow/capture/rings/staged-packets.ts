/** Packets taken out of rings that wait for their turn: columns by ring, each ring's in its own order, over one buffer. */
import { fieldOf } from "../../../wire/codec.ts";
import { COPY_HEADER_BYTES, CopyHeader, Direction as CopyDirection } from "../../../mark/pval/record.ts";
import { Direction } from "../batch.ts";
import { InterfaceClock } from "../interface-clock.ts";

const place = (name: string): number => fieldOf(CopyHeader, name).bitOffset / 8;
const TIME = place("timeNs");
const CAPTURED = place("capturedLength");
const LENGTH = place("packetLength");
const DIRECTION = place("direction");
const SOURCE = place("stampSource");
const VLAN_PROTOCOL = place("vlanProtocol");
const VLAN_TCI = place("vlanTci");

const TAG_BYTES = 4;
const ADDRESSES_BYTES = 12;
const NS_PER_SECOND = 1_000_000_000;

export class StagedPackets {
  bytes = new Uint8Array(1 << 16);
  count = 0;
  offset = new Uint32Array(1 << 10);
  captured = new Uint32Array(1 << 10);
  length = new Uint32Array(1 << 10);
  seconds = new Uint32Array(1 << 10);
  nanoseconds = new Uint32Array(1 << 10);
  direction = new Uint8Array(1 << 10);
  source = new Uint8Array(1 << 10);
  /** What packets are ordered by: ns since `baseSeconds`. */
  time = new Float64Array(1 << 10);
  /** Where a ring's packets start, and end; by ring. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly #clock = new InterfaceClock(BigInt(NS_PER_SECOND), 0n);
  readonly #baseSeconds: number;
  /** VLAN tags that go beside packets and belong into them: EtherType and value; 0: none. */
  #tag = new Uint32Array(1 << 10);
  #hasTags = false;
  #used = 0;
  /** Records since the last release: their places are the ring's as yet. */
  #unreleased = 0;

  constructor(rings: number, baseSeconds: number) {
    this.from = new Uint32Array(rings);
    this.to = new Uint32Array(rings);
    this.#baseSeconds = baseSeconds;
  }

  clear(): void {
    this.count = this.#used = this.#unreleased = 0;
  }

  /** What follows is of this ring; each ring once. */
  begin(ring: number): void {
    this.from[ring] = this.to[ring] = this.count;
  }

  end(ring: number): void {
    this.to[ring] = this.count;
  }

  /** A record of a ring, `at` its header; its bytes come with {@link release}. */
  readonly add = (view: DataView, at: number): void => {
    if (this.count === this.offset.length) this.#grow();
    const n = this.count++;
    const clock = this.#clock;
    clock.read(view.getUint32(at + TIME + 4, true), view.getUint32(at + TIME, true));
    this.offset[n] = at;
    this.captured[n] = view.getUint32(at + CAPTURED, true);
    this.length[n] = view.getUint32(at + LENGTH, true);
    this.seconds[n] = clock.seconds;
    this.nanoseconds[n] = clock.nanoseconds;
    this.time[n] = (clock.seconds - this.#baseSeconds) * NS_PER_SECOND + clock.nanoseconds;
    this.direction[n] = view.getUint8(at + DIRECTION) === CopyDirection.Receive ? Direction.In : Direction.Out;
    this.source[n] = view.getUint8(at + SOURCE);
    const protocol = view.getUint16(at + VLAN_PROTOCOL, true);
    this.#tag[n] = protocol === 0 ? 0 : ((protocol << 16) | view.getUint16(at + VLAN_TCI, true)) >>> 0;
    if (protocol !== 0) this.#hasTags = true;
  };

  /** The bytes of the records since the last time, in one piece of the ring. */
  readonly release = (view: DataView, start: number, length: number): void => {
    const size = view.byteLength / 2;
    const base = this.#room(length);
    this.bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, length), base);
    for (let n = this.#unreleased; n < this.count; n++) {
      // Records behind the ring's end are told at its beginning.
      const into = this.offset[n]! - start;
      this.offset[n] = base + (into < 0 ? into + size : into) + COPY_HEADER_BYTES;
    }
    if (this.#hasTags) for (let n = this.#unreleased; n < this.count; n++) if (this.#tag[n] !== 0) this.#putTag(n);
    this.#hasTags = false;
    this.#unreleased = this.count;
  };

  /** A packet that waits elsewhere. */
  take(other: StagedPackets, n: number): void {
    if (this.count === this.offset.length) this.#grow();
    const to = this.count++;
    const captured = other.captured[n]!;
    const from = other.offset[n]!;
    const base = this.#room(captured);
    this.bytes.set(other.bytes.subarray(from, from + captured), base);
    this.offset[to] = base;
    this.captured[to] = captured;
    this.length[to] = other.length[n]!;
    this.seconds[to] = other.seconds[n]!;
    this.nanoseconds[to] = other.nanoseconds[n]!;
    this.time[to] = other.time[n]!;
    this.direction[to] = other.direction[n]!;
    this.source[to] = other.source[n]!;
    this.#unreleased = this.count;
  }

  /** The tag goes between addresses and type, into the room of the record's header. */
  #putTag(n: number): void {
    const at = this.offset[n]!;
    const tag = this.#tag[n]!;
    if (this.captured[n]! < ADDRESSES_BYTES) return;
    const start = at - TAG_BYTES;
    this.bytes.copyWithin(start, at, at + ADDRESSES_BYTES);
    for (let byte = 0; byte < TAG_BYTES; byte++) this.bytes[start + ADDRESSES_BYTES + byte] = tag >>> (24 - 8 * byte);
    this.offset[n] = start;
    this.captured[n] = this.captured[n]! + TAG_BYTES;
    this.length[n] = this.length[n]! + TAG_BYTES;
  }

  /** Where so many bytes may go. */
  #room(length: number): number {
    const base = this.#used;
    this.#used += length;
    if (this.#used > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#used, 2 * this.bytes.length));
      bytes.set(this.bytes.subarray(0, base));
      this.bytes = bytes;
    }
    return base;
  }

  #grow(): void {
    const capacity = 2 * this.offset.length;
    const grown = <A extends { set(from: A): void }>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.offset = grown(this.offset, new Uint32Array(capacity));
    this.captured = grown(this.captured, new Uint32Array(capacity));
    this.length = grown(this.length, new Uint32Array(capacity));
    this.seconds = grown(this.seconds, new Uint32Array(capacity));
    this.nanoseconds = grown(this.nanoseconds, new Uint32Array(capacity));
    this.direction = grown(this.direction, new Uint8Array(capacity));
    this.source = grown(this.source, new Uint8Array(capacity));
    this.time = grown(this.time, new Float64Array(capacity));
    this.#tag = grown(this.#tag, new Uint32Array(capacity));
  }
}
