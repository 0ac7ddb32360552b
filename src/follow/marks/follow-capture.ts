import type { Capture } from "../capture/capture.ts";
import type { PacketBatch } from "../capture/batch.ts";
import { MarkedPacket } from "./marked-packet.ts";
import type { MarkFollower } from "./mark-follower.ts";

/** Called with each packet that carries a mark; ns since the second that {@link followCapture} was given. */
export type TakePacket = (packet: MarkedPacket, timeNs: number) => void;

/** What a capture held. */
export interface CaptureFacts {
  readonly name: string;
  readonly packets: number;
  readonly marked: number;
  /** Packets that the capture itself missed; null where it does not say. What they carried counts as lost here. */
  readonly missed: number | null;
  /** What could not be read; null: nothing. */
  readonly remark: string | null;
  /** Of its coarsest interface, ns. */
  readonly resolutionNs: number;
  /** The second from which times count, since 1970; null: there was no packet. */
  readonly baseSeconds: number | null;
}

/** The second from which times of one or two captures count: that of the first packet that is read. */
export interface TimeBase {
  seconds: number | null;
}

/** Reads a capture to its end. */
export const followCapture = async (
  capture: Capture,
  take: TakePacket,
  base: TimeBase = { seconds: null },
): Promise<CaptureFacts> => {
  const marked = new MarkedBatches(capture, base);
  while (await marked.takeNext(take));
  return marked.facts();
};

/** Packets of the sender's capture that are read ahead to find one that arrived. */
const READ_AHEAD = 1 << 20;

/**
 * Reads the captures of a sender and of a receiver side by side, to their ends: of the sender's so much as it takes to find what
 * arrived, so that no more is kept than what is on its way. The follower must have been made with a sender.
 */
export const followCaptures = async (
  sender: Capture,
  receiver: Capture,
  follower: MarkFollower,
  base: TimeBase = { seconds: null },
): Promise<[sender: CaptureFacts, receiver: CaptureFacts]> => {
  const sent = new MarkedBatches(sender, base);
  const received = new MarkedBatches(receiver, base);
  const send: TakePacket = (packet, timeNs) => follower.send(packet, timeNs);
  let hasMore = await sent.takeNext(send);
  /** Streams that were not found so far ahead: with how many received packets they are looked for again. */
  const lookAgainAt = new Map<number, number>();
  for (let batch = await received.next(); batch !== undefined; batch = await received.next()) {
    for (let n = 0; n < batch.count; n++) {
      const packet = received.read(batch, n);
      if (packet === null) continue;
      if (hasMore && !follower.isSent(packet)) {
        const stream = follower.streamIndex(packet);
        const limit = sent.packets + READ_AHEAD;
        if ((lookAgainAt.get(stream) ?? 0) <= received.packets) {
          while (hasMore && !follower.isSent(packet) && sent.packets < limit) hasMore = await sent.takeNext(send);
          if (hasMore && !follower.isSent(packet)) lookAgainAt.set(stream, received.packets + READ_AHEAD);
        }
      }
      follower.receive(packet, received.timeNs(batch, n));
    }
  }
  while (hasMore) hasMore = await sent.takeNext(send);
  return [sent.facts(), received.facts()];
};

/** The marked packets of a capture, batch by batch. */
class MarkedBatches {
  /** Read so far. */
  packets = 0;
  readonly #capture: Capture;
  readonly #batches: AsyncIterator<PacketBatch>;
  readonly #base: TimeBase;
  readonly #packet = new MarkedPacket();
  #marked = 0;

  constructor(capture: Capture, base: TimeBase) {
    this.#capture = capture;
    this.#batches = capture.batches()[Symbol.asyncIterator]();
    this.#base = base;
  }

  async next(): Promise<PacketBatch | undefined> {
    const { done = false, value } = await this.#batches.next();
    if (done) return undefined;
    const batch = value as PacketBatch;
    if (batch.count > 0) this.#base.seconds ??= batch.seconds[0]!;
    this.packets += batch.count;
    return batch;
  }

  /** False at the end. */
  async takeNext(take: TakePacket): Promise<boolean> {
    const batch = await this.next();
    if (batch === undefined) return false;
    for (let n = 0; n < batch.count; n++) {
      const packet = this.read(batch, n);
      if (packet !== null) take(packet, this.timeNs(batch, n));
    }
    return true;
  }

  /** Null when it has no mark; the same place to be filled each time. */
  read({ bytes, offset, captured, interfaceId }: PacketBatch, n: number): MarkedPacket | null {
    const start = offset[n]!;
    const { linkType } = this.#capture.interfaces[interfaceId[n]!]!;
    if (!this.#packet.read(bytes, start, start + captured[n]!, linkType)) return null;
    this.#marked++;
    return this.#packet;
  }

  timeNs({ seconds, nanoseconds }: PacketBatch, n: number): number {
    return (seconds[n]! - (this.#base.seconds ?? 0)) * 1e9 + nanoseconds[n]!;
  }

  facts(): CaptureFacts {
    const { name, interfaces } = this.#capture;
    const { read, lost } = this.#capture.counts();
    return {
      name,
      packets: read,
      marked: this.#marked,
      missed: lost,
      remark: this.#capture.remark(),
      resolutionNs: Math.max(0, ...interfaces.map(({ unitsPerSecond }) => 1e9 / Number(unitsPerSecond))),
      baseSeconds: this.#base.seconds,
    };
  }
}
