/**
 * Joins reports of many nodes (Direct Export, RFC 9326), in any order, into one packet's way each: namespace, trace type,
 * addresses, flow id and sequence number name a packet. A packet waits for its reports a fixed time, in memory of a fixed
 * size: when that is full the oldest goes on as it is. Joining allocates nothing.
 */
import { ExportRecord, ExportStage } from "../../../mark/ioam/record.ts";
import { ExtensionFlag } from "../../../wire/ioam/direct-export.ts";
import { opaqueStateBit } from "../../../wire/ioam/fields.ts";
import { readU16, readU32 } from "../record-layout.ts";
import { HopCompleter } from "./complete-hop.ts";
import { exportOffsets } from "./export-layout.ts";
import { JoinedPacket, MOST_HOPS, type HopFacts } from "./joined-packet.ts";

export interface JoinerOptions {
  /** Told of each packet when its time is over; what it is given is as said until it returns. */
  readonly onPacket: (packet: JoinedPacket) => void;
  /** How long a packet waits for its reports, ms. */
  readonly holdMs?: number;
  /** Reports that wait at most: about 400 bytes each. */
  readonly capacity?: number;
}

const HOLD_MS = 500;
const CAPACITY = 1 << 16;
const NONE = -1;

export class ExportJoiner {
  /** Packets that had to make room before their time. */
  expired = 0;
  /** Reports of more nodes than a way is told apart by. */
  beyondHops = 0;
  /** Reports that say nothing: their packets ask for no data that a node reports. */
  empty = 0;
  readonly #options: Required<JoinerOptions>;
  readonly #completer = new HopCompleter();
  readonly #packet = new JoinedPacket();
  /** Bytes from one report to the next. */
  readonly #step = (ExportRecord.size + 7) & ~7;
  readonly #bytes: Uint8Array;
  /** Of each report, what {@link HopFacts} says, and the next one: of the same packet, or that is free. */
  readonly #facts: Mutable<HopFacts>[];
  readonly #next: Int32Array;
  /** Of each packet, in the order in which they came: its first report, its place in the table, when it came, repeats. */
  readonly #first: Int32Array;
  readonly #chained: Int32Array;
  readonly #since: Float64Array;
  readonly #repeats: Uint32Array;
  readonly #buckets: Int32Array;
  #free = 0;
  #oldest = 0;
  #waiting = 0;

  constructor({ onPacket, holdMs = HOLD_MS, capacity = CAPACITY }: JoinerOptions) {
    this.#options = { onPacket, holdMs, capacity };
    this.#bytes = new Uint8Array(capacity * this.#step);
    this.#facts = Array.from({ length: capacity }, () => ({ ...nothing }));
    this.#next = Int32Array.from({ length: capacity }, (_, at) => (at + 1 === capacity ? NONE : at + 1));
    this.#first = new Int32Array(capacity);
    this.#chained = new Int32Array(capacity);
    this.#since = new Float64Array(capacity);
    this.#repeats = new Uint32Array(capacity);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity))).fill(NONE);
  }

  /** Packets that wait for reports. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The {@link ExportRecord} at `offset`, from node number `source`, which came at `nowMs` of any steady clock. */
  take(bytes: Uint8Array, offset: number, source: number, nowMs: number): void {
    if (readU16(bytes, offset + exportOffsets.traceLength) <= 8) {
      this.empty++;
      return;
    }
    const isNumbered = (bytes[offset + exportOffsets.extensionFlags]! & ExtensionFlag.Sequence) !== 0;
    const bucket = hashOf(bytes, offset) & (this.#buckets.length - 1);
    let packet = isNumbered ? this.#buckets[bucket]! : NONE;
    while (packet !== NONE && !this.#isSame(packet, bytes, offset)) packet = this.#chained[packet]!;
    if (packet === NONE) this.#begin(bytes, offset, source, nowMs, isNumbered ? bucket : NONE);
    else this.#addTo(packet, bytes, offset, source);
  }

  /** Hands on those whose time is over. */
  settle(nowMs: number): void {
    while (this.#waiting > 0 && nowMs - this.#since[this.#oldest]! >= this.#options.holdMs) this.#end(false);
  }

  /** Hands on all that wait. */
  flush(): void {
    while (this.#waiting > 0) this.#end(false);
  }

  #begin(bytes: Uint8Array, offset: number, source: number, nowMs: number, bucket: number): void {
    const report = this.#room();
    const packet = (this.#oldest + this.#waiting++) % this.#options.capacity;
    this.#write(report, bytes, offset, source);
    this.#next[report] = NONE;
    this.#first[packet] = report;
    this.#since[packet] = nowMs;
    this.#repeats[packet] = 0;
    if (bucket === NONE) return;
    this.#chained[packet] = this.#buckets[bucket]!;
    this.#buckets[bucket] = packet;
  }

  #addTo(packet: number, bytes: Uint8Array, offset: number, source: number): void {
    const hopLimit = bytes[offset + exportOffsets.hopLimit]!;
    let hops = 0;
    for (let report = this.#first[packet]!; report !== NONE; report = this.#next[report]!) {
      const at = report * this.#step;
      if (this.#facts[report]!.source === source && this.#bytes[at + exportOffsets.hopLimit] === hopLimit)
        return this.#addToHop(packet, report, bytes, offset);
      hops++;
    }
    if (hops === MOST_HOPS) {
      this.beyondHops++;
      return;
    }
    if (this.#free === NONE && this.#oldest === packet) {
      // Nobody else could make room: it goes on as it is, and what comes is a packet of its own.
      this.#end(true);
      return this.take(bytes, offset, source, this.#since[packet]!);
    }
    const report = this.#room();
    this.#write(report, bytes, offset, source);
    this.#next[report] = this.#first[packet]!;
    this.#first[packet] = report;
  }

  #addToHop(packet: number, report: number, bytes: Uint8Array, offset: number): void {
    const facts = this.#facts[report]!;
    const isDeparture = bytes[offset + exportOffsets.stage] === ExportStage.Left;
    if ((isDeparture ? facts.departures : facts.arrivals) > 0) this.#repeats[packet]!++;
    else this.#completer.complete(this.#bytes, report * this.#step, bytes, offset, isDeparture);
    note(facts, bytes, offset);
  }

  /** A report that is free: the oldest packets make room. */
  #room(): number {
    while (this.#free === NONE) this.#end(true);
    const report = this.#free;
    this.#free = this.#next[report]!;
    return report;
  }

  #write(report: number, bytes: Uint8Array, offset: number, source: number): void {
    const at = report * this.#step;
    const used = exportOffsets.trace + readU16(bytes, offset + exportOffsets.traceLength);
    for (let byte = 0; byte < used; byte++) this.#bytes[at + byte] = bytes[offset + byte]!;
    const facts = this.#facts[report]!;
    Object.assign(facts, nothing);
    facts.source = source;
    note(facts, bytes, offset);
  }

  /** Hands the oldest packet on, and takes its memory back. */
  #end(expired: boolean): void {
    const packet = this.#oldest;
    const joined = this.#packet;
    if (expired) this.expired++;
    joined.begin(this.#bytes, this.#since[packet]!, this.#repeats[packet]!, expired);
    for (let report = this.#first[packet]!; report !== NONE; report = this.#next[report]!)
      joined.add(report * this.#step, this.#facts[report]!);
    this.#forget(packet);
    this.#oldest = (packet + 1) % this.#options.capacity;
    this.#waiting--;
    this.#options.onPacket(joined);
    let report = this.#first[packet]!;
    while (report !== NONE) {
      const next = this.#next[report]!;
      this.#next[report] = this.#free;
      this.#free = report;
      report = next;
    }
  }

  #forget(packet: number): void {
    const at = this.#first[packet]! * this.#step;
    const bucket = hashOf(this.#bytes, at) & (this.#buckets.length - 1);
    let before = NONE;
    let found = this.#buckets[bucket]!;
    while (found !== NONE && found !== packet) {
      before = found;
      found = this.#chained[found]!;
    }
    if (found === NONE) return;
    if (before === NONE) this.#buckets[bucket] = this.#chained[packet]!;
    else this.#chained[before] = this.#chained[packet]!;
  }

  #isSame(packet: number, bytes: Uint8Array, offset: number): boolean {
    const at = this.#first[packet]! * this.#step;
    for (const place of keyWords) if (readU32(this.#bytes, at + place) !== readU32(bytes, offset + place)) return false;
    if (this.#bytes[at + exportOffsets.extensionFlags] !== bytes[offset + exportOffsets.extensionFlags]) return false;
    return (
      (typeOf(this.#bytes, at) ^ typeOf(bytes, offset)) === 0 &&
      namespaceOf(this.#bytes, at) === namespaceOf(bytes, offset)
    );
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const nothing: HopFacts = { source: 0, arrivals: 0, departures: 0, arrivedSegments: 0, leftSegments: 0 };

const note = (facts: Mutable<HopFacts>, bytes: Uint8Array, offset: number): void => {
  const segments = readU16(bytes, offset + exportOffsets.segments);
  if (bytes[offset + exportOffsets.stage] === ExportStage.Left) {
    facts.departures++;
    facts.leftSegments += segments;
  } else {
    facts.arrivals++;
    facts.arrivedSegments += segments;
  }
};

/** Where the words of a packet's name lie: those of its first IPv6 header's addresses, flow id, sequence number. */
const keyWords = Int32Array.from([
  ...[0, 4, 8, 12].flatMap((word) => [exportOffsets.outerSource + word, exportOffsets.outerDestination + word]),
  exportOffsets.flowId,
  exportOffsets.sequence,
]);

const hashOf = (bytes: Uint8Array, offset: number): number => {
  let hash = Math.imul(readU32(bytes, offset + exportOffsets.sequence), 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ readU32(bytes, offset + exportOffsets.flowId), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ readU32(bytes, offset + exportOffsets.outerSource + 12), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
};

/** Nodes leave a schema out that is too long for a record. */
const typeOf = (bytes: Uint8Array, offset: number): number => {
  const at = offset + exportOffsets.trace + 4;
  return ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!) & ~opaqueStateBit;
};

const namespaceOf = (bytes: Uint8Array, offset: number): number => {
  const at = offset + exportOffsets.trace;
  return (bytes[at]! << 8) | bytes[at + 1]!;
};
