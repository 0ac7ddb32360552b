/** What several nodes report on packets that ask for it, joined to records like those of a sink. */
import type { RecordCallback } from "../../bpf/ring-cursor.ts";
import type { CounterValues } from "../../follow/trace/loss.ts";
import { ExportJoiner } from "../../follow/trace/exports/export-joiner.ts";
import { JoinedRecords } from "../../follow/trace/exports/joined-records.ts";
import type { Watch } from "../../linux/ffi.ts";
import type { ExportReaders } from "./open-exports.ts";

/** One node of several. */
export interface ExportNode {
  readonly readers: ExportReaders;
  /** The names of its devices where packets end. */
  readonly ends: ReadonlySet<string>;
  /** Flow ids by which it asks for reports, as they are now. */
  inserts(): Iterable<number>;
}

export interface ExportNodesOptions {
  /** When what comes now was reported, ms: by any steady clock. */
  readonly now?: () => number;
  /** How far what comes of one node may be behind what comes of another: the last packets then lack reports. */
  readonly lagMs?: number;
  /** How long a packet waits for its reports, ms. */
  readonly holdMs?: number;
}

const SETTLE_MS = 100;
/** Packets that come so soon after the beginning may have been reported before it, too. */
const EARLY_MS = 100;

/** Reads them as their only reader, until it is closed. */
export class ExportNodes {
  readonly linkHeaderBytes: number;
  readonly ifindex: number;
  readonly #nodes: readonly ExportNode[];
  readonly #joiner: ExportJoiner;
  readonly #records: JoinedRecords;
  readonly #now: () => number;
  readonly #lagMs: number;
  #callback: RecordCallback = () => {};
  /** By flow id, the nodes with a rule that asks for reports by it. */
  #inserters: ReadonlyMap<number, ReadonlySet<number>>;
  #handedOut = 0;
  #startMs = 0;
  #endMs = Infinity;

  /** At least one node; they are closed with it. */
  constructor(
    nodes: readonly ExportNode[],
    { now = () => performance.now(), lagMs = 0, holdMs }: ExportNodesOptions = {},
  ) {
    this.#nodes = nodes;
    this.#now = now;
    this.#lagMs = lagMs;
    this.#inserters = insertersOf(nodes);
    const numbers = nodes.map(
      ({ readers, ends }) => new Set(readers.devices.flatMap(({ name, index }) => (ends.has(name) ? [index] : []))),
    );
    const first = nodes[0]?.readers;
    this.ifindex = first?.devices[0]?.index ?? 0;
    this.linkHeaderBytes = first?.linkHeaderBytes ?? 0;
    this.#records = new JoinedRecords({
      inserters: (flowId) => this.#inserters.get(flowId),
      isEnd: (source, ifindex) => numbers[source]?.has(ifindex) ?? false,
      onRecord: (view, offset, length) => {
        this.#handedOut++;
        this.#callback(view, offset, length);
      },
    });
    this.#joiner = new ExportJoiner({
      ...(holdMs !== undefined && { holdMs }),
      onPacket: (packet) => {
        const fromStart = packet.sinceMs - this.#startMs;
        this.#records.take(packet, fromStart < EARLY_MS + lagMs || packet.sinceMs > this.#endMs - lagMs);
      },
    });
  }

  /** Whether reports are read where packets end: then it is known how many arrived. */
  get seesEnd(): boolean {
    return this.#nodes.some(({ readers, ends }) => readers.devices.some(({ name }) => ends.has(name)));
  }

  /** Drops what is there: from now on reports count. */
  skip(): void {
    for (const { readers } of this.#nodes) readers.poll(() => {});
    this.#startMs = this.#now();
  }

  /** Hands out all packets whose reports have come, those that may lack some among them: at the end. */
  poll(callback: RecordCallback): number {
    if (this.#lagMs > 0) this.#endMs = this.#now();
    return this.#with(callback, () => {
      for (const [source, { readers }] of this.#nodes.entries()) readers.poll(this.#take(source));
      this.#joiner.flush();
    });
  }

  /** Hands out packets as their time is over; `afterBatch` is called with their number. */
  watch(callback: RecordCallback, afterBatch: (records: number) => void = () => {}): Watch {
    const settle = (): void => {
      const records = this.#with(callback, () => this.#joiner.settle(this.#now()));
      if (records > 0) afterBatch(records);
    };
    const watches = this.#nodes.map(({ readers }, source) => readers.watch(this.#take(source), settle));
    // A full memory hands packets out before their time.
    this.#callback = callback;
    const timer = setInterval(settle, SETTLE_MS);
    const each = (run: (watch: Watch) => void) => (): void => watches.forEach(run);
    const close = each((watch) => watch.close());
    return {
      close: () => {
        clearInterval(timer);
        close();
      },
      ref: each((watch) => watch.ref()),
      unref: each((watch) => watch.unref()),
    };
  }

  /** Packets that came where they end, under the names of a sink's counters. */
  arrived(): CounterValues {
    const sums = { received: 0n, segments: 0n };
    for (const { readers, ends } of this.#nodes) {
      for (const [device, counts] of readers.counts()) {
        if (!ends.has(device)) continue;
        sums.received += counts["received"] ?? 0n;
        sums.segments += counts["segments"] ?? 0n;
      }
    }
    return sums;
  }

  /** What became of reports and of the packets that they are of. Looks at the nodes' rules anew. */
  counts(): CounterValues {
    this.#inserters = insertersOf(this.#nodes);
    const sums: Record<string, bigint> = {};
    const add = (name: string, value: bigint): void => void (sums[name] = (sums[name] ?? 0n) + value);
    for (const [name, value] of Object.entries(this.#records.counts)) add(name, BigInt(value));
    const { expired, beyondHops, empty } = this.#joiner;
    for (const [name, value] of Object.entries({ expired, beyondHops, empty })) add(name, BigInt(value));
    for (const { readers } of this.#nodes) {
      for (const [, counts] of readers.counts()) for (const name of lossNames) add(name, counts[name] ?? 0n);
    }
    return sums;
  }

  /** TAI less the wall clock, ns. */
  clock(): bigint {
    return this.#nodes.map(({ readers }) => readers.clock())[0] ?? 0n;
  }

  close(): void {
    for (const { readers } of this.#nodes) readers.close();
  }

  #take(source: number): (bytes: Uint8Array, offset: number) => void {
    return (bytes, offset) => this.#joiner.take(bytes, offset, source, this.#now());
  }

  #with(callback: RecordCallback, run: () => void): number {
    const before = this.#handedOut;
    this.#callback = callback;
    run();
    return this.#handedOut - before;
  }
}

/** Reports that were not made, or not read. */
const lossNames = ["exported", "ringFull", "idle", "namespaceUnknown", "malformed"] as const;

const insertersOf = (nodes: readonly ExportNode[]): Map<number, Set<number>> => {
  const found = new Map<number, Set<number>>();
  for (const [source, node] of nodes.entries())
    for (const flowId of node.inserts()) found.set(flowId, (found.get(flowId) ?? new Set()).add(source));
  return found;
};
