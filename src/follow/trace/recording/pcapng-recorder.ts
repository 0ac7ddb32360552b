/**
 * Records as a pcapng file: every trace an IPv6 packet that Wireshark dissects, the session's facts in comments, counters
 * as statistics of the interface.
 */
import { outcomeNames } from "../../../mark/ioam/outcome.ts";
import { LinkType } from "../../../wire/numbers.ts";
import { OptionCode, PacketDirection } from "../../../wire/pcapng/block.ts";
import { encodeOptions, type BlockOption } from "../../../wire/pcapng/options.ts";
import { PcapngWriter, type TimeWords } from "../../../wire/pcapng/writer.ts";
import { readU16, readU32, recordOffsets } from "../record-layout.ts";
import { commentsOf } from "./comment.ts";
import { packetBytes, writePacket } from "./packet-of-record.ts";
import type { Recorder, SessionFacts, SessionState } from "./session.ts";
import { factsJson, stateJson } from "./session-json.ts";

/** More than a rebuilt packet has: IPv6 header, Hop-by-Hop header, ports. */
const SNAP_LENGTH = 512;
/** Different remarks that are kept encoded. */
const REMARKS_KEPT = 1024;

export class PcapngRecorder implements Recorder {
  readonly #application: string;
  readonly #writer = new PcapngWriter();
  readonly #interfaces = new Map<number, number>();
  /** Encoded options, by what they say. */
  readonly #options = new Map<number, Uint8Array>();
  #linkHeaderBytes = 0;
  #source = "";
  #startNs = 0n;
  #secondsNs = 0n;
  #dropped = 0n;
  #droppedBefore = 0n;
  #newlyDropped = 0n;

  /** `application` is who writes it: `hopmark 1.2.3`. */
  constructor(application: string) {
    this.#application = application;
  }

  begin(facts: SessionFacts): void {
    this.#linkHeaderBytes = facts.linkHeaderBytes;
    this.#source = facts.source;
    this.#startNs = facts.startNs;
    this.#droppedBefore = this.#dropped = droppedIn(facts.before.sink);
    this.#writer.section([
      [OptionCode.SectionOs, { text: "Linux" }],
      [OptionCode.SectionApplication, { text: this.#application }],
      ...commentsOf(factsJson(facts)),
    ]);
    this.#interface(facts.ifindex);
  }

  add(record: Uint8Array, offset: number): void {
    const captured = packetBytes(record, offset);
    const length = readU32(record, offset + recordOffsets.packetLength);
    const original = Math.max(captured, length - this.#linkHeaderBytes);
    const ifindex = readU32(record, offset + recordOffsets.ifindex);
    const timeLow = readU32(record, offset + recordOffsets.timestampNs);
    const timeHigh = readU32(record, offset + recordOffsets.timestampNs + 4);
    const id = this.#interfaces.get(ifindex) ?? this.#interface(ifindex);
    const at = this.#writer.packet(id, timeHigh, timeLow, captured, original, this.#remarks(record, offset));
    writePacket(record, offset, original, this.#writer.bytes, at);
  }

  state(state: SessionState): void {
    const { sink } = state.after;
    this.#secondsNs = BigInt(Math.round(state.seconds * 1e9));
    const dropped = droppedIn(sink);
    this.#newlyDropped += dropped - this.#dropped;
    this.#dropped = dropped;
    const options: BlockOption[] = [
      [OptionCode.StatisticsStart, { time: wordsOf(this.#startNs) }],
      [OptionCode.StatisticsReceived, { u64: sink["received"] ?? 0n }],
      [OptionCode.StatisticsDropped, { u64: dropped - this.#droppedBefore }],
    ];
    this.#writer.statistics(0, wordsOf(this.#startNs + this.#secondsNs), [...options, ...commentsOf(stateJson(state))]);
  }

  take(): Uint8Array {
    return this.#writer.take();
  }

  wholeOf(bytes: Uint8Array, length: number): number {
    let at = 0;
    for (let next = 0; next <= length;) {
      at = next;
      if (at + 8 > length) break;
      next += readU32(bytes, at + 4);
    }
    return at;
  }

  #interface(ifindex: number): number {
    const id = this.#writer.interface(LinkType.Ipv6, SNAP_LENGTH, [
      [OptionCode.InterfaceName, { text: this.#source }],
      [OptionCode.InterfaceDescription, { text: "packets with IOAM traces, rebuilt from a sink's records" }],
      ...commentsOf({ ifindex }),
    ]);
    this.#interfaces.set(ifindex, id);
    return id;
  }

  /** Most packets have the same: that they came in. */
  #remarks(record: Uint8Array, offset: number): Uint8Array {
    const segments = readU16(record, offset + recordOffsets.segments);
    const outcome = record[offset + recordOffsets.outcome]!;
    if (this.#newlyDropped > 0n) {
      const encoded = encodeRemarks(segments, outcome, this.#newlyDropped);
      this.#newlyDropped = 0n;
      return encoded;
    }
    const key = segments * 256 + outcome;
    let encoded = this.#options.get(key);
    if (encoded === undefined) {
      encoded = encodeRemarks(segments, outcome, 0n);
      if (this.#options.size < REMARKS_KEPT) this.#options.set(key, encoded);
    }
    return encoded;
  }
}

const encodeRemarks = (segments: number, outcome: number, dropped: bigint): Uint8Array => {
  const remarks = {
    ...(segments !== 1 && { segments }),
    ...(outcome !== 0 && { outcome: outcomeNames[outcome] ?? outcome }),
  };
  return encodeOptions([
    [OptionCode.PacketFlags, { u32: PacketDirection.Inbound }],
    ...(dropped > 0n ? [[OptionCode.PacketDropCount, { u64: dropped }] as const] : []),
    ...(Object.keys(remarks).length > 0 ? commentsOf(remarks) : []),
  ]);
};

/** Records that found no room in the ring. */
const droppedIn = (sink: Readonly<Record<string, bigint>>): bigint => sink["ringFull"] ?? 0n;

const wordsOf = (ns: bigint): TimeWords => ({ high: Number(ns >> 32n), low: Number(ns & 0xffff_ffffn) });
