/**
 * Waits for packets: until the kernel says that a block is there while few come, by the clock while many do. A wake-up takes as
 * long as a thousand packets; so many come in a block that the kernel says nothing else all the time.
 */
import { watchReadable, type Watch } from "../../../linux/ffi.ts";
import type { PacketRing } from "../../../linux/packet-ring.ts";

/** No longer than a reader may be late by: the kernel keeps what does not fill a block for twice as long. */
const LONGEST_REST_MS = 20;

export class RingWait {
  readonly #ring: PacketRing;
  #watch: Watch | null = null;
  /** The kernel has said something that nobody has looked at. */
  #rang = false;
  #lastMs = performance.now();
  #wake: () => void = () => {};

  constructor(ring: PacketRing) {
    this.#ring = ring;
  }

  /**
   * To be asked when nothing is to be read. `full`: how many full blocks were, since the last time; `limitMs`: it comes back by
   * then. It may come back early.
   */
  wait(full: number, limitMs: number): Promise<void> {
    const nowMs = performance.now();
    const restMs = restAfter(nowMs - this.#lastMs, full, this.#ring.blocks);
    this.#lastMs = nowMs;
    if (restMs > 0) this.#deaf();
    else this.#listen();
    const timeMs = restMs > 0 ? Math.min(restMs, limitMs) : limitMs;
    return new Promise((resolve) => {
      const timer = timeMs === Infinity ? undefined : setTimeout(resolve, timeMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Whoever waits goes on. */
  wake(): void {
    this.#wake();
  }

  /** Whether the interface went down or away since the last look. */
  hasFault(): boolean {
    if (!this.#rang) return false;
    this.#rang = false;
    if (!this.#ring.hasFault()) return false;
    // Of an error a watch tells once, and never of anything again.
    this.#deaf();
    return true;
  }

  close(): void {
    this.#deaf();
  }

  #listen(): void {
    this.#watch ??= watchReadable(this.#ring.fd, () => {
      this.#rang = true;
      this.#wake();
    });
  }

  /** A watch that is open tells again and again of what nobody reads. */
  #deaf(): void {
    this.#watch?.close();
    this.#watch = null;
  }
}

/**
 * How long to look away, ms, when in so long so many of a ring's blocks became full: until a sixth of the ring is full. 0 where
 * that is not worth it: fewer than two blocks would be there.
 */
export const restAfter = (elapsedMs: number, full: number, blocks: number): number => {
  const blockMs = elapsedMs / full;
  const restMs = Math.floor(Math.min(LONGEST_REST_MS, (blockMs * blocks) / 6));
  return restMs >= 2 * blockMs ? restMs : 0;
};
