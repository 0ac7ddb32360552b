/** What became of one flow's marked packets. */
import { Arrival } from "./mark-stream.ts";
import type { MarkedPacket } from "./marked-packet.ts";
import { SentAgain, type Segment, type SegmentMemory } from "./sent-again.ts";

/** What a flow needs of a packet. */
export type FlowPacket = Segment & Pick<MarkedPacket, "seq" | "length">;

export class MarkedFlow {
  /** Different packets that came. */
  received = 0;
  bytes = 0;
  duplicated = 0;
  reordered = 0;
  /** By the sender's side, and those of them that arrived. */
  sent = 0;
  arrived = 0;
  delays = 0;
  delaySum = 0;
  delayMin = Infinity;
  delayMax = -Infinity;
  /** RFC 3550, section 6.4.1. */
  jitter = 0;
  #lastDelay = 0;
  readonly #memory: SegmentMemory;
  /** TCP segments that were sent again, among what came, and among what the sender's side has seen; null: no TCP. */
  #againReceived: SentAgain | null = null;
  #againSent: SentAgain | null = null;

  constructor(memory: SegmentMemory) {
    this.#memory = memory;
  }

  /** Of what was sent, where the sender is seen; else of what arrived. */
  get sentAgain(): SentAgain | null {
    return this.#againSent ?? this.#againReceived;
  }

  /** A packet at the sender's side, its first piece; `place`: as {@link take}. */
  send(packet: FlowPacket, place: number): void {
    this.sent++;
    if (packet.tcpLength > 0) (this.#againSent ??= new SentAgain(this.#memory)).take(packet, place);
  }

  /** A packet, and what its number said: one of `Arrival`. `place`: among all that its CPU sent, whenever the sender started anew. */
  take(packet: FlowPacket, arrival: number, place: number): void {
    if (arrival === Arrival.Duplicate) {
      this.duplicated++;
      return;
    }
    this.received++;
    this.bytes += packet.length;
    if (arrival === Arrival.Reordered) this.reordered++;
    if (packet.tcpLength > 0) (this.#againReceived ??= new SentAgain(this.#memory)).take(packet, place);
  }

  delay(delayNs: number): void {
    if (this.delays > 0) this.jitter += (Math.abs(delayNs - this.#lastDelay) - this.jitter) / 16;
    this.#lastDelay = delayNs;
    this.delays++;
    this.delaySum += delayNs;
    if (delayNs < this.delayMin) this.delayMin = delayNs;
    if (delayNs > this.delayMax) this.delayMax = delayNs;
  }
}
