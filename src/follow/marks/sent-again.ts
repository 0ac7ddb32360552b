/** Which TCP segments their sender sent again. */
import type { MarkedPacket } from "./marked-packet.ts";

/** Segments that a new one is compared with, before it and behind it. */
const NEAR = 32;
/** Segments of a flow that are remembered at most. */
const MOST_STEPS = 2048;
/** IP identifications are believed when they counted up with the bytes so often in a row. */
const BELIEVED = 3;
/** What a sender may have sent between two segments that follow each other: pure acknowledgments. */
const MOST_BETWEEN = 1024;

/** What telling needs of a segment. */
export type Segment = Pick<MarkedPacket, "cpu" | "ipId" | "tcpSeq" | "tcpLength" | "isSyn">;

/** Of how many segments all flows together may remember more than the first few: 16 bytes each. */
export interface SegmentMemory {
  left: number;
}

/** Whether one segment was sent before another. */
const Order = { Before: 0, After: 1, Unknown: 2 } as const;
/** What a segment is: sent for the first time, again, or nobody knows. */
const Sending = { First: 0, Again: 1, Unknown: 2 } as const;

/**
 * A sender goes forward but when it sends again: what reaches no further than something that was sent before it has been sent
 * before, whether or not that arrived. It is counted as soon as both are known.
 *
 * What was sent first, marks of one CPU say. Between CPUs the identification in the IP header does, where the sender counts it
 * for each connection, as Linux does (RFC 6864 leaves it to the sender): it is believed while it counts with the bytes. Where
 * neither says it, what was overtaken is counted as {@link unknown}: the truth is between `count` and `count + unknown`, unless
 * what was sent again overtook what was sent before it.
 */
export class SentAgain {
  count = 0;
  unknown = 0;
  readonly #memory: SegmentMemory;
  /** Segments that reached further than all before, so that their ends ascend, and the last of the others. */
  #rises = new Segments();
  #others: Segments | null = null;
  #newestCpu = 0;
  #newestPlace = -1;
  #newestIpId = 0;
  #run = 0;
  #synEnd = -1;

  constructor(memory: SegmentMemory) {
    this.#memory = memory;
  }

  /**
   * A segment that takes sequence numbers, and no duplicate of the network: its mark is new. `place`: among all that its CPU
   * sent.
   */
  take(packet: Segment, place: number): void {
    const end = (packet.tcpSeq + packet.tcpLength) >>> 0;
    if (packet.isSyn) this.#connect(end);
    const rises = this.#rises;
    const last = rises.count - 1;
    const isRise = last < 0 || ((end - rises.end(last)) | 0) > 0;
    if (last >= 0 && packet.tcpSeq === rises.end(last)) this.#compareIds(packet.ipId, rises.ipId(last));
    const isNewest = last < 0 || this.#orderOfNewest(packet, place) !== Order.After;
    if (isNewest) {
      this.#newestCpu = packet.cpu;
      this.#newestPlace = place;
      this.#newestIpId = packet.ipId;
    }
    if (isRise) rises.makeRoom(this.#memory);
    if (isRise && isNewest) return rises.add(end, packet, place, Sending.First);
    const sending = this.#judge(packet, place, end);
    if (sending === Sending.Again) this.count++;
    else if (sending === Sending.Unknown) this.unknown++;
    (isRise ? rises : (this.#others ??= new Segments())).add(end, packet, place, sending);
  }

  get #areIdsBelieved(): boolean {
    return this.#run >= BELIEVED;
  }

  #orderOfNewest(packet: Segment, place: number): number {
    return orderOf(this.#newestCpu, this.#newestPlace, this.#newestIpId, packet, place, this.#areIdsBelieved);
  }

  /** The same ports, a new connection: its numbers have nothing to do with those before. */
  #connect(end: number): void {
    if (end === this.#synEnd) return;
    this.#synEnd = end;
    this.#run = 0;
    this.#rises = new Segments();
    this.#others = null;
  }

  #compareIds(ipId: number, before: number): void {
    const distance = ((ipId - before) << 16) >> 16;
    if (distance > 0 && distance <= MOST_BETWEEN) this.#run++;
    // A little less: sent again, it overtook what has the bytes behind it.
    else if (distance === 0 || Math.abs(distance) > MOST_BETWEEN) this.#run = 0;
  }

  /** What a segment is, beside those that are remembered; what it says of those is counted. */
  #judge(packet: Segment, place: number, end: number): number {
    const rises = this.#rises;
    const from = rises.firstReaching(end);
    let sending: number = Sending.First;
    for (let at = Math.min(rises.count, from + NEAR) - 1; at >= Math.max(rises.oldest, from - NEAR); at--)
      sending = this.#compare(rises, at, packet, place, end, sending);
    const others = this.#others;
    if (others !== null)
      for (let at = others.count - 1; at >= others.oldest; at--)
        sending = this.#compare(others, at, packet, place, end, sending);
    // What reached as far first is forgotten.
    const isForgotten = rises.oldest > 0 && from === rises.oldest;
    return isForgotten && sending === Sending.First ? Sending.Unknown : sending;
  }

  /** What is known of a segment, one more considered; corrects what was said of that. */
  #compare(segments: Segments, at: number, packet: Segment, place: number, end: number, sending: number): number {
    const ahead = (segments.end(at) - end) | 0;
    const order = segments.order(at, packet, place, this.#areIdsBelieved);
    const isAgain = segments.sending(at) === Sending.Again;
    if (order === Order.Before) return ahead >= 0 ? Sending.Again : sending;
    if (order === Order.After) {
      if (ahead <= 0 && !isAgain) this.#correct(segments, at);
      return sending;
    }
    // Of two that end alike one was sent again, whichever.
    if (ahead === 0 && !isAgain) return Sending.Again;
    return ahead > 0 && sending === Sending.First ? Sending.Unknown : sending;
  }

  /** What came before was sent again: that had been sent before it. */
  #correct(segments: Segments, at: number): void {
    if (segments.sending(at) === Sending.Unknown) this.unknown--;
    this.count++;
    segments.setAgain(at);
  }
}

/** Whether a mark was sent before a packet. */
const orderOf = (
  cpu: number,
  before: number,
  ipId: number,
  packet: Segment,
  place: number,
  areIdsBelieved: boolean,
): number => {
  if (cpu === packet.cpu) return before < place ? Order.Before : Order.After;
  if (!areIdsBelieved) return Order.Unknown;
  return ((packet.ipId - ipId) << 16) >> 16 > 0 ? Order.Before : Order.After;
};

/** The last segments: where they end, and what is told of when they were sent. */
class Segments {
  count = 0;
  #steps = NEAR;
  #ends = new Uint32Array(NEAR);
  #places = new Float64Array(NEAR);
  #ipIds = new Uint16Array(NEAR);
  #cpus = new Uint8Array(NEAR);
  #sendings = new Uint8Array(NEAR);

  /** The oldest that is remembered. */
  get oldest(): number {
    return Math.max(0, this.count - this.#steps);
  }

  /** Remembers more than so far, when it would forget one, and there is memory for it. */
  makeRoom(memory: SegmentMemory): void {
    const before = this.#steps;
    if (this.count < before || before === MOST_STEPS || memory.left < before) return;
    memory.left -= before;
    const { oldest } = this;
    const [ends, places, ipIds, cpus, sendings] = [this.#ends, this.#places, this.#ipIds, this.#cpus, this.#sendings];
    this.#steps = before * 2;
    this.#ends = new Uint32Array(this.#steps);
    this.#places = new Float64Array(this.#steps);
    this.#ipIds = new Uint16Array(this.#steps);
    this.#cpus = new Uint8Array(this.#steps);
    this.#sendings = new Uint8Array(this.#steps);
    for (let index = oldest; index < this.count; index++) {
      const [from, to] = [index % before, index % this.#steps];
      this.#ends[to] = ends[from]!;
      this.#places[to] = places[from]!;
      this.#ipIds[to] = ipIds[from]!;
      this.#cpus[to] = cpus[from]!;
      this.#sendings[to] = sendings[from]!;
    }
  }

  add(end: number, packet: Segment, place: number, sending: number): void {
    const at = this.count % this.#steps;
    this.#ends[at] = end;
    this.#places[at] = place;
    this.#ipIds[at] = packet.ipId;
    this.#cpus[at] = packet.cpu;
    this.#sendings[at] = sending;
    this.count++;
  }

  end(index: number): number {
    return this.#ends[index % this.#steps]!;
  }

  ipId(index: number): number {
    return this.#ipIds[index % this.#steps]!;
  }

  /** The first of ascending ends that reaches as far; {@link count} when none does. */
  firstReaching(end: number): number {
    let low = this.oldest;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.end(middle) - end) | 0) >= 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Whether that one was sent before the packet. */
  order(index: number, packet: Segment, place: number, areIdsBelieved: boolean): number {
    const at = index % this.#steps;
    return orderOf(this.#cpus[at]!, this.#places[at]!, this.#ipIds[at]!, packet, place, areIdsBelieved);
  }

  sending(index: number): number {
    return this.#sendings[index % this.#steps]!;
  }

  setAgain(index: number): void {
    this.#sendings[index % this.#steps] = Sending.Again;
  }
}
