/** Marks of the packets that pval devices copy, as they come. */
import type { RingCapture } from "../capture/rings/ring-capture.ts";
import type { RingsSource } from "../capture/rings/open-rings.ts";
import type { LiveCounts } from "./live-marks.ts";
import type { MarkFollower } from "./mark-follower.ts";
import { MarkedPacket } from "./marked-packet.ts";

/**
 * Tells the follower of every marked packet in the receiver's rings until it is closed; and, with a sender on the same host, of
 * those in its rings. Both are merged by time, so that a packet is sent before it is received. The follower must have been made
 * with a sender then, too.
 */
export const followRings = async (
  follower: MarkFollower,
  receiver: RingsSource,
  sender?: RingsSource,
): Promise<RingMarks> => {
  const { openRingsTogether } = await import("../capture/rings/open-rings.ts");
  const { capture, rings } = openRingsTogether(sender === undefined ? [receiver] : [sender, receiver], false);
  return new RingMarks(follower, capture, sender === undefined ? 0 : (rings[0] ?? 0));
};

/** Marks in rings that are being followed. Close it. */
export class RingMarks {
  /** When there is nothing more to come: by {@link close}, or because a device is gone. */
  readonly ended: Promise<void>;
  readonly #capture: RingCapture;
  /** So many rings, the first ones, are the sender's. */
  readonly #senders: number;
  #baseSeconds = NaN;

  constructor(follower: MarkFollower, capture: RingCapture, senders: number) {
    this.#capture = capture;
    this.#senders = senders;
    this.ended = this.#follow(follower);
  }

  /** Of all copies, marked or not. */
  counts(): LiveCounts {
    const { read, lost } = this.#capture.counts();
    return { seen: read + (lost ?? 0), read, lost: lost ?? 0 };
  }

  /** By the wall clock, as the follower's times count; NaN before the first packet. */
  elapsedNs(): number {
    return Date.now() * 1e6 - this.#baseSeconds * 1e9;
  }

  /** Why it ended by itself; null when it did not. */
  remark(): string | null {
    return this.#capture.remark();
  }

  /** Has nothing more copied, and reads what is there. Returns what was seen. Twice is fine. */
  async close(): Promise<LiveCounts> {
    this.#capture.stop();
    try {
      await this.ended;
    } finally {
      this.#capture.close();
    }
    return this.counts();
  }

  async #follow(follower: MarkFollower): Promise<void> {
    const packet = new MarkedPacket();
    for await (const { count, bytes, offset, captured, seconds, nanoseconds, interfaceId } of this.#capture.batches()) {
      for (let n = 0; n < count; n++) {
        const start = offset[n]!;
        const from = interfaceId[n]!;
        if (!packet.read(bytes, start, start + captured[n]!, this.#capture.interfaces[from]!.linkType)) continue;
        if (Number.isNaN(this.#baseSeconds)) this.#baseSeconds = seconds[n]!;
        const timeNs = (seconds[n]! - this.#baseSeconds) * 1e9 + nanoseconds[n]!;
        if (from < this.#senders) follower.send(packet, timeNs);
        else follower.receive(packet, timeNs);
      }
    }
  }
}
