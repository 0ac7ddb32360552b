/** Captures of what pval devices copy: all rings of a device, or some, as one sequence in the order of time. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RecordCallback, ReleaseCallback } from "../../../bpf/ring-cursor.ts";
import { BatchColumns } from "../batch-columns.ts";
import type { PacketBatch } from "../batch.ts";
import type { Capture, CaptureCounts, CapturedFrame, CaptureInterface } from "../capture.ts";
import { decodedPackets } from "../decoded-packets.ts";
import { MarkReader } from "../mark-columns.ts";
import { MergeByTime } from "./merge-by-time.ts";
import { StagedPackets } from "./staged-packets.ts";

/** A ring that is read by this process alone. */
export interface SourceRing {
  /** `pval0-rx-cpu-0`. */
  readonly name: string;
  readonly cpu: number;
  /** Hands out records that are there; `release` sees their bytes in one piece. */
  poll(callback: RecordCallback, limit?: number, release?: ReleaseCallback): number;
  /** Calls when there is something to read, again and again until it is read. */
  watch(onReadable: () => void): { close(): void };
  /** Copies that found it full. */
  lost(): number;
}

export interface RingSource {
  readonly rings: readonly {
    readonly ring: SourceRing;
    readonly linkType: number;
    /** Bytes of a packet that are copied. */
    readonly snapLength: number;
  }[];
  /** False when there is nothing left that could fill the rings. */
  refresh(): boolean;
  /** Nothing more comes in. */
  stop(): void;
  close(): void;
}

/** Rings are merged as far as this: who comes by a ring later than that comes out of order. */
const WINDOW_MS = 1;
/** Times that are ahead, a NIC's or from before a step of the clock, hold a packet back no longer than twice this. */
const LONGEST_MS = 5;
const REFRESH_MS = 1000;
const NS_PER_MS = 1e6;
/** So much at once, and the rings are looked at again without a rest. */
const BUSY_BYTES = 1 << 17;

export class RingCapture implements Capture {
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  readonly #source: RingSource;
  readonly #columns = new BatchColumns();
  readonly #marks: MarkReader | null;
  readonly #merge: MergeByTime;
  readonly #startMs = Math.floor(Date.now() / 1000) * 1000;
  /** What waits, and what was taken up to now: they change places each time. */
  #waiting: StagedPackets;
  #staged: StagedPackets;
  /** Of the staged ones: where those end that have waited long enough, whatever their time. */
  readonly #oldTo: Uint32Array;
  /** By ring, how many of the first that wait did so when that was looked at last. */
  readonly #marked: Uint32Array;
  #markedMs = 0;
  #wake: () => void = () => {};
  #read = 0;
  #stopped = false;
  #lost: readonly number[] | undefined;
  #failure: string | null = null;

  /** Takes the source over. */
  constructor(source: RingSource, name: string, marks: boolean) {
    const { rings } = source;
    this.name = name;
    this.interfaces = rings.map(({ ring: { name: own, cpu }, linkType, snapLength }, id) => ({
      id,
      name: own,
      description: null,
      linkType,
      snapLength,
      unitsPerSecond: 1_000_000_000n,
      cpu,
    }));
    this.#source = source;
    this.#marks = marks ? new MarkReader() : null;
    this.#merge = new MergeByTime(rings.length);
    this.#waiting = new StagedPackets(rings.length, this.#startMs / 1000);
    this.#staged = new StagedPackets(rings.length, this.#startMs / 1000);
    this.#oldTo = new Uint32Array(rings.length);
    this.#marked = new Uint32Array(rings.length);
    this.#columns.stampSource = new Uint8Array(0);
  }

  async *batches(): AsyncGenerator<PacketBatch, void, undefined> {
    let refreshMs = 0;
    while (!this.#isClosed()) {
      const nowMs = Date.now();
      if (!this.#stopped && performance.now() >= refreshMs) {
        refreshMs = performance.now() + REFRESH_MS;
        if (!this.#source.refresh()) this.#end(`${this.name} is gone`);
      }
      const isLast = this.#stopped;
      const bytes = this.#takeAll();
      this.#emit(isLast ? Infinity : (nowMs - this.#startMs - WINDOW_MS) * NS_PER_MS);
      const { count } = this.#columns;
      if (count > 0) {
        this.#read += count;
        this.#columns.marks = this.#marks?.read(this.#columns, (id) => this.interfaces[id]!.linkType) ?? null;
        yield this.#columns;
      }
      if (isLast) {
        if (bytes === 0) return;
      } else if (bytes > BUSY_BYTES) await nextTurn();
      else await this.#rest(count > 0 || bytes > 0 || this.#holds() ? WINDOW_MS : REFRESH_MS);
    }
  }

  packets(): AsyncIterable<CapturedFrame> {
    return decodedPackets(this.batches(), this.interfaces);
  }

  /** What is copied already stays to be read; then the batches end. */
  stop(): void {
    if (this.#stopped || this.#isClosed()) return;
    this.#stopped = true;
    this.#source.stop();
    this.#wake();
  }

  /** Exact once the batches have ended behind a `stop()`: every packet that was copied was read, or is lost. */
  counts(): CaptureCounts {
    const lostAt = this.#lost ?? this.#lostAt();
    const lost = lostAt.reduce((sum, own) => sum + own, 0);
    return { read: this.#read, lost, produced: this.#read + lost, lostAt };
  }

  remark(): string | null {
    return this.#failure;
  }

  close(): void {
    if (this.#isClosed()) return;
    this.#source.stop();
    this.#lost = this.#lostAt();
    this.#source.close();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #lostAt(): number[] {
    return this.#source.rings.map(({ ring }) => ring.lost());
  }

  #isClosed(): boolean {
    return this.#lost !== undefined;
  }

  #end(why: string): void {
    this.#failure = why;
    this.stop();
  }

  /** Everything out of the rings, behind what waits; returns how many bytes that was. */
  #takeAll(): number {
    const [before, staged] = [this.#staged, this.#waiting];
    [this.#waiting, this.#staged] = [before, staged];
    const { heads } = this.#merge;
    let bytes = 0;
    staged.clear();
    const release: ReleaseCallback = (view, start, length) => {
      bytes += length;
      staged.release(view, start, length);
    };
    const isTime = performance.now() - this.#markedMs >= LONGEST_MS;
    this.#source.rings.forEach(({ ring }, index) => {
      const start = staged.count;
      const gone = heads[index]! - before.from[index]!;
      const marked = Math.max(0, this.#marked[index]! - gone);
      staged.begin(index);
      for (let n = heads[index]!; n < before.to[index]!; n++) staged.take(before, n);
      this.#oldTo[index] = start + (isTime ? marked : 0);
      ring.poll(staged.add, undefined, release);
      staged.end(index);
      this.#marked[index] = isTime ? staged.count - start : marked;
    });
    if (isTime) this.#markedMs = performance.now();
    return bytes;
  }

  #emit(until: number): void {
    const staged = this.#staged;
    const columns = this.#columns;
    columns.clear();
    columns.bytes = staged.bytes;
    let sources = columns.stampSource ?? new Uint8Array(0);
    if (sources.length < staged.count) columns.stampSource = sources = new Uint8Array(2 * staged.count);
    this.#merge.run(staged, until, this.#oldTo, (n, ring) => {
      sources[columns.count] = staged.source[n]!;
      columns.add(
        staged.offset[n]!,
        staged.captured[n]!,
        staged.length[n]!,
        staged.seconds[n]!,
        staged.nanoseconds[n]!,
        ring,
        staged.direction[n]!,
      );
    });
  }

  /** Whether packets wait for their turn. */
  #holds(): boolean {
    return this.#merge.heads.some((head, ring) => head < this.#staged.to[ring]!);
  }

  /** Until there may be more: so long, or till a ring has something where that is long. */
  async #rest(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let watches: readonly { close(): void }[] = [];
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, limitMs);
      if (limitMs !== WINDOW_MS) watches = this.#source.rings.map(({ ring }) => ring.watch(resolve));
    });
    clearTimeout(timer);
    for (const watch of watches) watch.close();
  }
}
