/**
 * Packets that wait: the kernel program hands them over and drops its own, the relay sends them again by a packet socket whose
 * mark makes the programs let them pass. The kernel has no queue for this that is there everywhere (netem, plug and fq are
 * modules), and a program cannot keep a packet.
 */
import { SyscallError } from "../../errors.ts";
import { hash } from "../../kernel/hash.ts";
import type { PacketSocket } from "../../linux/packet-socket.ts";
import { readLayout } from "../../wire/codec.ts";
import { DueQueue, type Waiting } from "./due-queue.ts";
import { HeldEpochs } from "./held-epochs.ts";
import { Harm } from "./hit.bpf.ts";
import { preparedFrame } from "./prepared-frame.ts";
import { DueRecord, HeldHead } from "./records.ts";
import type { ImpairRules } from "./rules.ts";

/** A packet that is held back for later ones goes when none come, ns. */
const LONGEST_WAIT_NS = 200e6;
/** Of what is due, what came before what it is due to: other CPUs. */
const MOST_EARLY = 1024;
const RETRY_MS = 1;
/** Below this a timer is too coarse. */
const SPIN_NS = 1.2e6;

export interface RelayCounts {
  /** Frames sent, copies included. */
  sent: number;
  /** Dropped because more waited than may. */
  overflow: number;
  /** Let go because no later ones came in time. */
  waitedTooLong: number;
  /** Lost because the interface did not take them: it is down, or gone. */
  failed: number;
}

export class Relay {
  readonly counts: RelayCounts = { sent: 0, overflow: 0, waitedTooLong: 0, failed: 0 };
  /** What is held until it is let go; null when nothing is told to be held. */
  readonly held: HeldEpochs | null;
  readonly #socket: PacketSocket;
  readonly #rules: ImpairRules;
  readonly #delayed = new DueQueue();
  /** Frames that wait for later ones, by number, in the order in which they came. */
  readonly #behind = new Map<number, Waiting>();
  readonly #early = new Set<number>();
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;

  /** Takes the socket over. */
  constructor(socket: PacketSocket, rules: ImpairRules) {
    this.#socket = socket;
    this.#rules = rules;
    this.held = rules.hold === null ? null : new HeldEpochs(rules.hold.limit);
  }

  /** Frames that wait now. */
  get waiting(): number {
    return (this.held?.size ?? 0) + this.#delayed.size + this.#behind.size;
  }

  /** A record of the ring. */
  readonly take = (view: DataView, offset: number, length: number): void => {
    if (length === DueRecord.size) return this.#due(Number(view.getBigUint64(offset, true)));
    const record = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    const head = readLayout(HeldHead, record, 0);
    const bytes = preparedFrame(record.subarray(HeldHead.size, HeldHead.size + head.length), {
      tag: head.vlanProtocol === 0 ? null : { protocol: head.vlanProtocol, tci: head.vlanTci },
      checksumPartial: head.checksumPartial === 1,
      gsoSize: head.gsoSize,
    });
    const index = Number(head.index);
    const arrivedNs = Number(head.arrivedNs);
    const { copies } = head;
    if (this.held !== null) {
      if (!this.held.push({ index, dueNs: 0, copies, bytes })) this.counts.overflow++;
    } else if (head.harm === Harm.Reorder) {
      const frame = { index, dueNs: arrivedNs + LONGEST_WAIT_NS, copies, bytes };
      if (!this.#early.delete(index) || !this.#send(frame)) this.#behind.set(index, frame);
    } else {
      this.#delayed.push({ index, dueNs: arrivedNs + delayOf(this.#rules, head.index), copies, bytes });
    }
  };

  /** Sends what is due and sees to the rest: after each batch of records, and when something was let go. */
  readonly run = (): void => {
    this.#stopTimers();
    if (this.#closed) return;
    this.held?.drain(this.#send);
    const now = nowNs();
    for (let first = this.#delayed.first(); first !== undefined && first.dueNs <= now; first = this.#delayed.first()) {
      if (!this.#send(first)) break;
      this.#delayed.pop();
    }
    for (const frame of this.#behind.values()) {
      if (frame.dueNs > now || !this.#send(frame)) break;
      this.#behind.delete(frame.index);
      this.counts.waitedTooLong++;
    }
    this.#schedule(now);
  };

  /** Sends all that waits, due or not, and gives the socket back. Returns how many frames could not be sent. */
  close(): number {
    if (this.#closed) return 0;
    this.#closed = true;
    this.#stopTimers();
    this.held?.releaseAll();
    this.held?.drain(this.#send);
    let unsent = this.held?.size ?? 0;
    for (const frame of this.#behind.values()) if (!this.#send(frame)) unsent++;
    for (let frame = this.#delayed.pop(); frame !== undefined; frame = this.#delayed.pop())
      if (!this.#send(frame)) unsent++;
    this.#socket.close();
    return unsent;
  }

  #due(index: number): void {
    const waiting = this.#behind.get(index);
    if (waiting === undefined) {
      this.#early.add(index);
      const [oldest] = this.#early;
      if (this.#early.size > MOST_EARLY && oldest !== undefined) this.#early.delete(oldest);
    } else if (this.#send(waiting)) this.#behind.delete(index);
  }

  readonly #send = (frame: Waiting): boolean => {
    for (let copy = 0; copy < frame.copies; copy++) {
      try {
        if (!this.#socket.sendPrepared(frame.bytes)) return copy > 0;
        this.counts.sent++;
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        this.counts.failed++;
      }
    }
    return true;
  };

  #schedule(now: number): void {
    const [behind] = this.#behind.values();
    const nextNs = Math.min(this.#delayed.first()?.dueNs ?? Infinity, behind?.dueNs ?? Infinity);
    const leftNs = nextNs - now;
    if (this.held?.isBlocked === true || leftNs <= 0) this.#timeout = setTimeout(this.run, RETRY_MS);
    else if (leftNs < SPIN_NS) this.#immediate = setImmediate(this.run);
    else if (leftNs < Infinity) this.#timeout = setTimeout(this.run, Math.floor((leftNs - SPIN_NS) / 1e6) + 1);
  }

  #stopTimers(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
  }
}

/** ns that a packet is delayed by: with jitter, equally likely anywhere between its ends. */
const delayOf = ({ delay, seed }: ImpairRules, index: bigint): number => {
  if (delay === null) return 0;
  const { delayNs, jitterNs } = delay;
  if (jitterNs === 0) return delayNs;
  const share = Number(hash(seed, JITTER, index) >> 11n) / 2 ** 53;
  return Math.max(0, delayNs + (share * 2 - 1) * jitterNs);
};

/** Keeps the choice of a delay apart from that of the packet. */
const JITTER = 256;

/** The monotonic clock, which programs read too. */
const nowNs = (): number => Number(process.hrtime.bigint());
