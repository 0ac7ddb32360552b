/**
 * Joined packets as the records that a sink would have made of traces of the same packets, so that all that follows traces
 * follows reports, too. Says of each packet whether its reports are complete; writing one allocates nothing.
 */
import { MAX_TRACE_BYTES, TraceRecord } from "../../../mark/ioam/record.ts";
import { Outcome } from "../../../mark/ioam/outcome.ts";
import { opaqueStateBit } from "../../../wire/ioam/fields.ts";
import { IoamTraceHeader } from "../../../wire/ioam/header.ts";
import type { RecordCallback } from "../../../bpf/ring-cursor.ts";
import { readU16, readU32, recordOffsets, REPORTED } from "../record-layout.ts";
import { exportOffsets } from "./export-layout.ts";
import type { JoinedPacket } from "./joined-packet.ts";

/** What became of packets that nodes reported. Units: packets as the encapsulating node numbered them, but for `repeats`. */
export interface JoinCounts {
  /** In the report: all nodes that ever reported packets of their flow did. */
  joined: number;
  /** Came to their end; a report of some node on the way is missing. In no path. */
  incomplete: number;
  /** Not reported where packets of their flow end: lost, or that report is. In no path. */
  notArrived: number;
  /** Whose pieces were reported one by one: they were cut on their way (GSO). */
  inPieces: number;
  /** Whole packets of which a node saw more than one. */
  duplicated: number;
  /** Paths of more nodes than fit into a record: the last ones are left out. */
  beyondRoom: number;
}

export interface JoinedRecordsOptions {
  /** Whether packets that come to this device of a node (by their numbers) end there. */
  readonly isEnd: (source: number, ifindex: number) => boolean;
  /** Those of the nodes that ask for reports on packets of this flow; undefined when that is none of them. */
  readonly inserters: (flowId: number) => ReadonlySet<number> | undefined;
  readonly onRecord: RecordCallback;
}

/** Flows whose packets were reported from beginning to end once; of more, each packet counts as it is. */
const MOST_FLOWS = 1 << 16;

export class JoinedRecords {
  readonly counts: JoinCounts = { joined: 0, incomplete: 0, notArrived: 0, inPieces: 0, duplicated: 0, beyondRoom: 0 };
  readonly #options: JoinedRecordsOptions;
  readonly #view = new DataView(new ArrayBuffer(TraceRecord.size));
  readonly #record = new Uint8Array(this.#view.buffer);
  /** By flow id and namespace. */
  readonly #whole = new Set<number>();

  constructor(options: JoinedRecordsOptions) {
    this.#options = options;
    this.#record[recordOffsets.outcome] = Outcome.Filled;
    this.#view.setUint16(recordOffsets.e2eType, REPORTED, true);
  }

  /**
   * Counts the packet, and hands its record on where it has a place in the report. `early`: it was on its way when reading
   * began, so that reports of it may have been before.
   */
  take(packet: JoinedPacket, early = false): void {
    if (packet.hops === 0) return;
    const flow = flowOf(packet);
    const arrived = this.#isAtEnd(packet);
    const isWhole = arrived && isGapless(packet) && this.#isFromStart(packet, early);
    if (early && !isWhole) return;
    this.#countRepeats(packet);
    if (isWhole) {
      if (this.#whole.size < MOST_FLOWS) this.#whole.add(flow);
    } else if (this.#whole.has(flow)) {
      // Others of the flow were whole, so all of its nodes export.
      if (arrived) this.counts.incomplete++;
      else this.counts.notArrived++;
      return;
    }
    this.counts.joined++;
    this.#write(packet);
    this.#options.onRecord(this.#view, 0, TraceRecord.size);
  }

  #isAtEnd(packet: JoinedPacket): boolean {
    const last = packet.hops - 1;
    const { arrivals, source } = packet.facts(last);
    return (
      arrivals > 0 && this.#options.isEnd(source, readU32(packet.bytes, packet.offset(last) + exportOffsets.ifindex))
    );
  }

  /** Where none of the nodes inserted the option, the first one that reports is the start, once reading has begun well before. */
  #isFromStart(packet: JoinedPacket, early: boolean): boolean {
    const inserters = this.#options.inserters(readU32(packet.bytes, packet.offset(0) + exportOffsets.flowId));
    return inserters === undefined ? !early : inserters.has(packet.facts(0).source);
  }

  #countRepeats(packet: JoinedPacket): void {
    if (packet.repeats === 0) return;
    for (let hop = 0; hop < packet.hops; hop++) {
      if (packet.segments(hop) <= 1) continue;
      this.counts.inPieces++;
      return;
    }
    this.counts.duplicated++;
  }

  #write(packet: JoinedPacket): void {
    const [view, record, { bytes }] = [this.#view, this.#record, packet];
    const [first, last] = [packet.offset(0), packet.offset(packet.hops - 1)];
    const facts = packet.facts(packet.hops - 1);
    copy(bytes, last + exportOffsets.timestampNs, record, recordOffsets.timestampNs, 8);
    // The flow and the tunnel around it lie alike in both kinds of records.
    copy(bytes, first + exportOffsets.source, record, recordOffsets.source, 64);
    copy(bytes, last + exportOffsets.packetLength, record, recordOffsets.packetLength, 4);
    copy(bytes, last + exportOffsets.ifindex, record, recordOffsets.ifindex, 4);
    copy(bytes, first + exportOffsets.sourcePort, record, recordOffsets.sourcePort, 2);
    copy(bytes, first + exportOffsets.destinationPort, record, recordOffsets.destinationPort, 2);
    copy(bytes, first + exportOffsets.sequence, record, recordOffsets.e2eSequence, 4);
    copy(bytes, first + exportOffsets.flowId, record, recordOffsets.e2eSequence + 4, 4);
    record[recordOffsets.protocol] = bytes[first + exportOffsets.protocol]!;
    record[recordOffsets.isTunnelled] = bytes[first + exportOffsets.isTunnelled]!;
    const segments = facts.arrivals > 0 ? facts.arrivedSegments : facts.leftSegments;
    view.setUint16(recordOffsets.segments, Math.min(segments, 0xffff), true);
    this.#writeTrace(packet);
  }

  #writeTrace(packet: JoinedPacket): void {
    const { bytes } = packet;
    let type = 0;
    for (let hop = 0; hop < packet.hops; hop++) type |= typeAt(bytes, traceAt(packet, hop));
    const words = bytes[traceAt(packet, 0) + 2]! >> 3;
    const hasState = (type & opaqueStateBit) !== 0;
    let fitting = 0;
    let length: number = IoamTraceHeader.size;
    for (let hop = 0; hop < packet.hops; hop++) {
      const next = length + words * 4 + (hasState ? stateBytes(packet, hop, words) : 0);
      if (next > MAX_TRACE_BYTES) break;
      length = next;
      fitting++;
    }
    const isCut = fitting < packet.hops;
    if (isCut) this.counts.beyondRoom++;
    const [view, record, trace] = [this.#view, this.#record, recordOffsets.trace];
    copy(bytes, traceAt(packet, 0), record, trace, 2);
    record[trace + 2] = (words << 3) | (isCut ? OVERFLOW : 0);
    record[trace + 3] = 0;
    view.setUint32(trace + 4, type * 256);
    view.setUint16(recordOffsets.traceLength, length, true);
    // The newest entry lies first.
    let at = trace + IoamTraceHeader.size;
    for (let hop = fitting - 1; hop >= 0; hop--) {
      const entry = traceAt(packet, hop) + IoamTraceHeader.size;
      copy(bytes, entry, record, at, words * 4);
      at += words * 4;
      if (!hasState) continue;
      const state = stateBytes(packet, hop, words);
      if (hasOwnState(packet, hop)) copy(bytes, entry + words * 4, record, at, state);
      else view.setUint32(at, NO_SCHEMA);
      at += state;
    }
  }
}

/** Of the trace's flags, beside the node length. */
const OVERFLOW = 4;
/** As a node without a schema writes it. */
const NO_SCHEMA = 0x00ff_ffff;

/** Every node between the first and the last that did has reported: hop limits fall by one. */
const isGapless = (packet: JoinedPacket): boolean => {
  for (let hop = 1; hop < packet.hops; hop++) if (packet.hopLimit(hop) !== packet.hopLimit(hop - 1) - 1) return false;
  return true;
};

/** 48 bits. */
const flowOf = (packet: JoinedPacket): number => {
  const trace = traceAt(packet, 0);
  const namespaceId = (packet.bytes[trace]! << 8) | packet.bytes[trace + 1]!;
  return readU32(packet.bytes, packet.offset(0) + exportOffsets.flowId) * 0x1_0000 + namespaceId;
};

const traceAt = (packet: JoinedPacket, hop: number): number => packet.offset(hop) + exportOffsets.trace;

const typeAt = (bytes: Uint8Array, trace: number): number =>
  (bytes[trace + 4]! << 16) | (bytes[trace + 5]! << 8) | bytes[trace + 6]!;

/** A node leaves its schema out when it does not fit into its report. */
const hasOwnState = (packet: JoinedPacket, hop: number): boolean =>
  (typeAt(packet.bytes, traceAt(packet, hop)) & opaqueStateBit) !== 0;

const stateBytes = (packet: JoinedPacket, hop: number, words: number): number =>
  hasOwnState(packet, hop)
    ? readU16(packet.bytes, packet.offset(hop) + exportOffsets.traceLength) - IoamTraceHeader.size - words * 4
    : 4;

const copy = (from: Uint8Array, at: number, to: Uint8Array, toAt: number, length: number): void => {
  for (let byte = 0; byte < length; byte++) to[toAt + byte] = from[at + byte]!;
};
