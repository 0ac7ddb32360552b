/** One ring of copies and its one reader: who it is, and what it found and lost. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import type { RingReader } from "../../bpf/ring.ts";
import type { RecordCallback, ReleaseCallback } from "../../bpf/ring-cursor.ts";
import { HopmarkError } from "../../errors.ts";
import { watchReadable, type Watch } from "../../linux/ffi.ts";
import { processIdentity } from "../../linux/process-identity.ts";
import { CopyOutcome, readerOf, type CopyMaps } from "./copy-maps.ts";
import type { DirectionName } from "./record.ts";
import { countsAt, ledgerFor, type RingCounts } from "./ring-ledger.ts";

export interface OpenRing {
  /** `pval0-rx-cpu-0`. */
  readonly name: string;
  readonly direction: DirectionName;
  readonly cpu: number;
  /** Records of an earlier time that were thrown away when it was opened; the device counts them as lost. */
  readonly discarded: number;
  /** Hands out records of `CopyHeader`, each followed by the bytes of its packet; as {@link RingReader.poll} does. */
  poll(callback: RecordCallback, limit?: number, release?: ReleaseCallback): number;
  /** Calls when there is something to read, again and again until it is read. */
  watch(onReadable: () => void): Watch;
  /** Copies that found the ring full since it was opened. */
  lost(): number;
}

type RingPlace = Pick<OpenRing, "name" | "direction" | "cpu">;

export class ClaimedRing implements OpenRing {
  readonly name: string;
  readonly direction: DirectionName;
  readonly cpu: number;
  readonly #pins: PinnedSet;
  readonly #maps: CopyMaps;
  readonly #readers;
  readonly #counters;
  readonly #ledger;
  readonly #rings;
  #reader: RingReader | undefined;
  #discarded = 0;
  #counts: RingCounts = { read: 0n, discarded: 0n };
  #lostBefore = 0n;

  constructor(pins: PinnedSet, maps: CopyMaps, { name, direction, cpu }: RingPlace) {
    this.#pins = pins;
    this.#maps = maps;
    // Opened while the pins are there: who deletes the device does not take them away from us.
    this.#readers = pins.map("readers", maps.readers);
    this.#counters = pins.map("copies", maps.counters);
    this.#ledger = pins.map("ledger", maps.ledger);
    this.#rings = pins.map("rings", maps.ringOf);
    this.name = name;
    this.direction = direction;
    this.cpu = cpu;
  }

  get discarded(): number {
    return this.#discarded;
  }

  /** A reader that died is none. */
  refuseBusy(): void {
    const reader = readerOf(this.#readers.get(this.cpu));
    if (reader === null) return;
    throw new HopmarkError("busy", `${this.name} is being read by process ${reader}`, {
      hint: "a ring has one reader: end that one, or read another ring",
    });
  }

  /** The ring is ours, and not filled as yet. True when one who died reading it had left it open: {@link settle} then. */
  take(): boolean {
    const ring = this.#maps.rings[this.cpu];
    const own = processIdentity();
    if (ring === undefined || own === undefined) throw new Error("unreachable: a ring for each CPU, and a process");
    this.#reader = this.#pins.map(`ring-${this.cpu}`, ring);
    const wasOpen = this.#readers.get(this.cpu)?.reading === 1;
    this.#readers.set(this.cpu, { reading: 0, pid: own.pid, startTime: BigInt(own.startTime) });
    return wasOpen;
  }

  /** Throws away what is there of an earlier time; from now on packets are copied. */
  start(): void {
    const reader = this.#open();
    this.#counts = countsAt(this.#ledger.get(this.cpu), reader.position);
    this.#discarded = reader.skip((_view, _start, _length, records, position) => {
      const { read, discarded } = this.#counts;
      this.#note({ read, discarded: discarded + BigInt(records) }, position);
    });
    this.#lostBefore = this.#full();
    const own = this.#readers.get(this.cpu);
    if (own !== undefined) this.#readers.set(this.cpu, { ...own, reading: 1 });
  }

  poll(callback: RecordCallback, limit?: number, release?: ReleaseCallback): number {
    return this.#open().poll(callback, limit, (view, start, length, records, position) => {
      release?.(view, start, length, records, position);
      const { read, discarded } = this.#counts;
      this.#note({ read: read + BigInt(records), discarded }, position);
    });
  }

  watch(onReadable: () => void): Watch {
    return watchReadable(this.#open().raw.fd, onReadable);
  }

  lost(): number {
    return Number(this.#full() - this.#lostBefore);
  }

  /** Nothing more is copied, once programs that run now have ended: {@link settle}. */
  stop(): void {
    const stored = this.#readers.get(this.cpu);
    if (stored?.pid === process.pid) this.#readers.set(this.cpu, { ...stored, reading: 0 });
  }

  /** Comes back when no program is running any more that saw who reads as it was before: the kernel waits for them. */
  settle(): void {
    this.#rings.set(this.cpu, this.#open());
  }

  /** Behind {@link stop}. */
  release(): void {
    if (this.#reader === undefined) return;
    if (this.#readers.get(this.cpu)?.pid === process.pid)
      this.#readers.set(this.cpu, { reading: 0, pid: 0, startTime: 0n });
    this.#reader.close();
    this.#reader = undefined;
  }

  /** Before the ring's bytes up to `position` are the kernel's again. */
  #note(next: RingCounts, position: bigint): void {
    this.#ledger.set(this.cpu, ledgerFor(this.#counts, next, position));
    this.#counts = next;
  }

  #full(): bigint {
    return this.#counters.get(CopyOutcome.Full)?.[this.cpu]?.value ?? 0n;
  }

  #open(): RingReader {
    if (this.#reader !== undefined) return this.#reader;
    throw new HopmarkError("closed", `${this.name} is closed`);
  }
}
