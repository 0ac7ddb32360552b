/** What became of one flow's marked packets. */
import { Arrival } from "./mark-stream.ts";
import type { MarkedPacket } from "./marked-packet.ts";

/** Segments of each kind that are remembered. */
const STEPS = 16;

export class MarkedFlow {
  /** Different packets that came. */
  received = 0;
  bytes = 0;
  duplicated = 0;
  reordered = 0;
  /** TCP segments that were sent again: their bytes had been sent under an earlier mark. */
  retransmitted = 0;
  /** By the sender's capture. */
  sent = 0;
  delays = 0;
  delaySum = 0;
  delayMin = Infinity;
  delayMax = -Infinity;
  /** RFC 3550, section 6.4.1. */
  jitter = 0;
  #lastDelay = 0;
  /** Segments that reached further than all before, and those that came after such with an earlier mark. */
  #rises: Segments | null = null;
  #overtaken: Segments | null = null;

  /** A packet, and what its number said: one of `Arrival`. */
  take(packet: MarkedPacket, arrival: number): void {
    if (arrival === Arrival.Duplicate) {
      this.duplicated++;
      return;
    }
    this.received++;
    this.bytes += packet.length;
    if (arrival === Arrival.Reordered) this.reordered++;
    if (packet.tcpLength > 0 && this.#isSentAgain(packet)) this.retransmitted++;
  }

  delay(delayNs: number): void {
    if (this.delays > 0) this.jitter += (Math.abs(delayNs - this.#lastDelay) - this.jitter) / 16;
    this.#lastDelay = delayNs;
    this.delays++;
    this.delaySum += delayNs;
    if (delayNs < this.delayMin) this.delayMin = delayNs;
    if (delayNs > this.delayMax) this.delayMax = delayNs;
  }

  /**
   * A sender goes forward but when it sends again: what reaches no further than an earlier mark reached has been sent
   * before. Whether it arrived then does not matter.
   */
  #isSentAgain({ tcpSeq, tcpLength, cpu, seq }: MarkedPacket): boolean {
    const end = (tcpSeq + tcpLength) >>> 0;
    const rises = (this.#rises ??= new Segments());
    if (rises.count === 0 || ((end - rises.end(rises.count - 1)) | 0) > 0) {
      rises.add(end, cpu, seq);
      return false;
    }
    if (rises.isBefore(rises.count - 1, cpu, seq)) return true;
    // Overtaken by what reached further: among what was sent before it, too, something may reach as far.
    const overtaken = (this.#overtaken ??= new Segments());
    const isSentAgain = rises.reach(end, cpu, seq) || overtaken.reach(end, cpu, seq);
    overtaken.add(end, cpu, seq);
    return isSentAgain;
  }
}

/** The last few segments that came: where they end, and their marks. */
class Segments {
  count = 0;
  readonly #ends = new Uint32Array(STEPS);
  readonly #cpus = new Uint8Array(STEPS);
  readonly #seqs = new Float64Array(STEPS);

  add(end: number, cpu: number, seq: number): void {
    const at = this.count % STEPS;
    this.#ends[at] = end;
    this.#cpus[at] = cpu;
    this.#seqs[at] = seq;
    this.count++;
  }

  end(index: number): number {
    return this.#ends[index % STEPS]!;
  }

  /** Whether it was sent before that mark. Marks of different CPUs do not say it: then the order of arrival does. */
  isBefore(index: number, cpu: number, seq: number): boolean {
    const at = index % STEPS;
    return this.#cpus[at] !== cpu || this.#seqs[at]! < seq;
  }

  /** Whether one that was sent before that mark reaches as far. */
  reach(end: number, cpu: number, seq: number): boolean {
    for (let at = this.count - 1; at >= 0 && at > this.count - 1 - STEPS; at--)
      if (this.isBefore(at, cpu, seq) && ((end - this.end(at)) | 0) <= 0) return true;
    return false;
  }
}
