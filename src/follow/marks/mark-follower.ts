/** Follows marks: per device and CPU what came of its numbers, per flow what came of its packets. */
import { KeyTable } from "../trace/key-table.ts";
import type { DevicesBy } from "./devices-by.ts";
import { DelaySamples } from "./delay-samples.ts";
import { Fragments, Piece } from "./fragments.ts";
import { Arrival, MarkStream } from "./mark-stream.ts";
import type { MarkedPacket } from "./marked-packet.ts";
import { MarkedFlow, type FlowPacket } from "./marked-flow.ts";
import type { SegmentMemory } from "./sent-again.ts";
import { SentLog, SentWindow } from "./sent-log.ts";
import { RecentSteps } from "./recent-steps.ts";
import { Timeline, type Steps } from "./timeline.ts";

const MOST_STREAMS = 4096;
const MOST_FLOWS = 1 << 16;
/** 38 MB. */
const MOST_SENT = 1 << 22;
/** 16 MB. */
const MOST_SEGMENTS = 1 << 20;

/** One device and CPU. */
export interface FollowedStream {
  /** The device: MAC or IPv4 address in two words, {@link DevicesBy}. */
  readonly device: Int32Array;
  readonly cpu: number;
  readonly stream: MarkStream;
  readonly fragments: Fragments;
  readonly delays: DelaySamples;
  /** With a capture of the sender alone. */
  readonly sent: SentLog | null;
  /** Numbers that arrived and are not in the sender's capture. */
  notSent: number;
  /** Packets whose numbers may be those of a sender that has started anew. */
  readonly undecided: UndecidedPacket[];
}

/** What is kept of a packet until it is known what its number says. */
interface UndecidedPacket extends FlowPacket {
  readonly flow: MarkedFlow | undefined;
}

/** One flow. */
export interface FollowedFlow {
  /** As `MarkedPacket.flow`. */
  readonly key: Int32Array;
  readonly flow: MarkedFlow;
}

/** Called with each packet that was seen at both ends; times in ns from the same start. */
export type EachDelay = (stream: FollowedStream, seq: number, sentNs: number, delayNs: number) => void;

/** How marks are followed. */
export interface FollowOptions {
  readonly by: DevicesBy;
  /** What is sent is seen as well: {@link MarkFollower.send}. */
  readonly withSender?: boolean;
  /** Packets that may be on their way from the sender at once, of all devices together; 4,194,304 without it. */
  readonly mostSent?: number;
  readonly onDelay?: EachDelay;
  /** The last minutes are kept in {@link MarkFollower.recent}. */
  readonly withRecent?: boolean;
}

/**
 * Takes marked packets, one after the other, and keeps what became of them. Its memory is bounded: gaps, flows and devices
 * beyond its limits are counted, not kept apart.
 *
 *     const follower = new MarkFollower({ by: "mac" });
 *     using capture = await openCapture("aramis.pcapng");
 *     await followCapture(capture, (packet, timeNs) => follower.receive(packet, timeNs));
 *     const { streams, flows } = marksReport(follower, "mac");
 */
export class MarkFollower {
  readonly timeline = new Timeline();
  readonly recent: RecentSteps | null;
  /** Marked packets of more devices and CPUs, or flows, than are followed. */
  streamsFull = 0;
  flowsFull = 0;
  readonly #by: DevicesBy;
  readonly #withSender: boolean;
  readonly #window: SentWindow;
  readonly #segments: SegmentMemory = { left: MOST_SEGMENTS };
  readonly #onDelay: EachDelay | undefined;
  readonly #streamKeys = new KeyTable(MOST_STREAMS);
  readonly #streams: FollowedStream[] = [];
  readonly #flowKeys = new KeyTable(MOST_FLOWS);
  readonly #flows: MarkedFlow[] = [];
  readonly #key = new Int32Array(3);

  constructor({ by, withSender = false, mostSent = MOST_SENT, onDelay, withRecent = false }: FollowOptions) {
    this.#by = by;
    this.#withSender = withSender;
    this.#window = new SentWindow(mostSent);
    this.recent = withRecent ? new RecentSteps() : null;
    this.#onDelay = onDelay;
  }

  get streams(): readonly FollowedStream[] {
    return this.#streams;
  }

  /** Decides what the last packets were that may be the first of a sender that has started anew: no more of them come. */
  settle(): void {
    for (const { stream } of this.#streams) stream.settle();
  }

  /** The flows with the most packets first. */
  flows(most: number): FollowedFlow[] {
    const packets = (at: number): number => this.#flows[at]!.received + this.#flows[at]!.sent;
    const top: number[] = [];
    for (let at = 0; at < this.#flows.length; at++) {
      if (top.length === most && packets(at) <= packets(top.at(-1)!)) continue;
      const place = top.findIndex((other) => packets(other) < packets(at));
      top.splice(place < 0 ? top.length : place, 0, at);
      if (top.length > most) top.pop();
    }
    return top.map((at) => ({ key: this.#flowKeys.key(at), flow: this.#flows[at]! }));
  }

  get flowCount(): number {
    return this.#flows.length;
  }

  /** A packet at the sender's side. */
  send(packet: MarkedPacket, timeNs: number): void {
    const followed = this.#count(packet);
    if (followed === undefined || followed.sent === null) return;
    if (!followed.sent.send(packet.seq, timeNs)) return;
    this.#flows[this.#flowIndex(packet)]?.send(packet, followed.sent.base + packet.seq);
  }

  /** Whether the sender's side has been seen to send so far already; true of what is not followed. */
  isSent(packet: MarkedPacket): boolean {
    const sent = this.#streamOf(packet)?.sent ?? null;
    return sent === null || sent.highest >= packet.seq;
  }

  /** Of the packet's device and CPU, in {@link streams}; -1: it is not followed. */
  streamIndex(packet: MarkedPacket): number {
    const followed = this.#streamOf(packet);
    return followed === undefined ? -1 : this.#streams.indexOf(followed);
  }

  /** A packet that arrived. */
  receive(packet: MarkedPacket, timeNs: number): void {
    const followed = this.#count(packet);
    if (followed === undefined) return;
    const { stream, fragments } = followed;
    if (packet.moreFragments || packet.fragmentOffset > 0) {
      const piece = fragments.take(
        packet.seq,
        packet.ipId,
        packet.fragmentOffset,
        packet.payloadBytes,
        !packet.moreFragments,
      );
      if (piece !== Piece.OfNewPacket) return;
    }
    const lostBefore = stream.missingNow;
    const told = stream.arrive(packet.seq, timeNs);
    // While a sender starts anew, its numbers look as if they had come before: its side knows better.
    const arrival = told === Arrival.Duplicate && followed.sent?.awaits(packet.seq) ? Arrival.InOrder : told;
    const missing = stream.missingNow - lostBefore;
    noteArrival(this.timeline, timeNs, missing);
    if (this.recent !== null) noteArrival(this.recent, timeNs, missing);
    const flow = this.#flows[this.#flowIndex(packet)];
    if (followed.sent === null && stream.isUndecided) {
      followed.undecided.push({ ...flowPacket(packet), flow });
      return;
    }
    flow?.take(packet, arrival, stream.base + packet.seq);
    if (followed.sent === null || arrival === Arrival.Duplicate) return;
    const sentNs = followed.sent.arrive(packet.seq);
    if (Number.isNaN(sentNs)) {
      followed.notSent++;
      return;
    }
    if (flow !== undefined) flow.arrived++;
    if (sentNs === Infinity) return;
    const delayNs = timeNs - sentNs;
    followed.delays.add(delayNs);
    flow?.delay(delayNs);
    noteDelay(this.timeline, timeNs, delayNs);
    if (this.recent !== null) noteDelay(this.recent, timeNs, delayNs);
    this.#onDelay?.(followed, packet.seq, sentNs, delayNs);
  }

  #count(packet: MarkedPacket): FollowedStream | undefined {
    const followed = this.#streamOf(packet);
    if (followed === undefined) this.streamsFull++;
    return followed;
  }

  #streamOf(packet: MarkedPacket): FollowedStream | undefined {
    const key = this.#key;
    key[0] = this.#by === "mac" ? packet.macHigh : 0;
    key[1] = this.#by === "mac" ? packet.macLow : this.#by === "source" ? packet.flow[0]! : 0;
    key[2] = packet.cpu;
    const index = this.#streamKeys.indexOf(key, 3);
    if (index < 0) return undefined;
    if (index === this.#streams.length) this.#streams.push(this.#newStream(key.slice(0, 2), packet.cpu));
    return this.#streams[index];
  }

  #newStream(device: Int32Array, cpu: number): FollowedStream {
    const undecided: UndecidedPacket[] = [];
    const stream = new MarkStream(undefined, (arrival) => {
      const packet = undecided.shift();
      packet?.flow?.take(packet, arrival, stream.base + packet.seq);
    });
    return {
      device,
      cpu,
      stream,
      fragments: new Fragments(),
      delays: new DelaySamples(),
      sent: this.#withSender ? new SentLog(this.#window) : null,
      notSent: 0,
      undecided,
    };
  }

  #flowIndex({ flow }: MarkedPacket): number {
    const index = this.#flowKeys.indexOf(flow, flow.length);
    if (index < 0) this.flowsFull++;
    else if (index === this.#flows.length) this.#flows.push(new MarkedFlow(this.#segments));
    return index;
  }
}

const flowPacket = ({ cpu, seq, length, ipId, tcpSeq, tcpLength, isSyn }: MarkedPacket): FlowPacket => ({
  cpu,
  seq,
  length,
  ipId,
  tcpSeq,
  tcpLength,
  isSyn,
});

const noteArrival = (steps: Steps, timeNs: number, missing: number): void => {
  const at = steps.at(timeNs);
  if (at < 0) return;
  steps.received[at]! += 1;
  steps.lost[at]! += missing;
};

const noteDelay = (steps: Steps, timeNs: number, delayNs: number): void => {
  const at = steps.at(timeNs);
  if (at < 0) return;
  steps.delayCounts[at]! += 1;
  steps.delaySums[at]! += delayNs;
};
