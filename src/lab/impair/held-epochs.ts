import type { Waiting } from "./due-queue.ts";

/** Packets that are held until they are let go, in epochs: as the plug queueing discipline holds them. */
export class HeldEpochs {
  readonly #limit: number;
  #frames: Waiting[] = [];
  /** Packets in each epoch, oldest first; the last is the one that still grows. */
  #epochs: number[] = [0];
  /** Packets that may go, but could not yet. */
  #free = 0;
  #isOpen = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#frames.length;
  }

  /** Complete epochs, and the one that grows. */
  get epochs(): readonly number[] {
    return this.#epochs;
  }

  /** Whether everything goes on at once. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** False when there is no room. */
  push(frame: Waiting): boolean {
    if (this.#frames.length >= this.#limit) return false;
    this.#frames.push(frame);
    if (this.#isOpen) this.#free++;
    else this.#epochs[this.#epochs.length - 1]! += 1;
    return true;
  }

  /** Holds again; or, when it does, what comes from now on belongs to the next epoch. */
  buffer(): void {
    if (this.#isOpen) this.#isOpen = false;
    else this.#epochs.push(0);
  }

  /** Lets the oldest epoch go; also when that is the one that grows, and starts the next. */
  releaseOne(): void {
    if (this.#isOpen) return;
    this.#free += this.#epochs.shift() ?? 0;
    if (this.#epochs.length === 0) this.#epochs.push(0);
  }

  /** Lets all go, and all that comes. */
  releaseAll(): void {
    this.#isOpen = true;
    this.#free = this.#frames.length;
    this.#epochs = [0];
  }

  /** Sends what may go, as long as there is room for it. */
  drain(send: (frame: Waiting) => boolean): void {
    let sent = 0;
    while (sent < this.#free && send(this.#frames[sent]!)) sent++;
    if (sent === 0) return;
    this.#free -= sent;
    this.#frames = this.#frames.slice(sent);
  }

  /** Whether something waits for room only. */
  get isBlocked(): boolean {
    return this.#free > 0;
  }
}
