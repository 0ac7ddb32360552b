/** What nodes of several namespaces report on packets that ask for it, joined to records like those of a sink. */
import type { RecordCallback } from "../../bpf/ring-cursor.ts";
import type { CounterValues } from "../../follow/trace/loss.ts";
import { ExportJoiner } from "../../follow/trace/exports/export-joiner.ts";
import { JoinedRecords } from "../../follow/trace/exports/joined-records.ts";
import type { Watch } from "../../linux/ffi.ts";
import { showIoam } from "../../mark/ioam/control.ts";
import { openExports, type ExportReaders } from "./open-exports.ts";

/** A namespace, by NAME, PATH or PID (the caller's own without one), and those of its devices whose reports are read. */
export interface ExportingNode {
  readonly netns: string | undefined;
  readonly devices: readonly string[];
}

const SETTLE_MS = 100;
/** Packets that come so soon after the beginning may have been reported before it, too. */
const EARLY_MS = 100;

/** Reads them as their only reader, until it is closed. */
export class ExportNodes {
  readonly linkHeaderBytes: number;
  readonly ifindex: number;
  readonly #readers: readonly ExportReaders[];
  /** Of each node, the devices where packets end, by name and by number. */
  readonly #ends: readonly ReadonlySet<string>[];
  readonly #joiner: ExportJoiner;
  readonly #records: JoinedRecords;
  #callback: RecordCallback = () => {};
  readonly #nodes: readonly ExportingNode[];
  /** By flow id, the nodes with a rule that asks for reports by it. */
  #inserters: ReadonlyMap<number, ReadonlySet<number>> = new Map();
  #handedOut = 0;
  #startMs = 0;

  /** At least one. HopmarkError `busy` when one of them is read. */
  constructor(nodes: readonly ExportingNode[]) {
    const readers: ExportReaders[] = [];
    try {
      for (const { devices, netns } of nodes) readers.push(openExports(devices, netns));
    } catch (error) {
      for (const reader of readers) reader.close();
      throw error;
    }
    this.#readers = readers;
    this.#nodes = nodes;
    this.#inserters = insertersOf(nodes);
    this.#ends = nodes.map(({ netns }) => new Set(sinksIn(netns)));
    const numbers = readers.map(
      ({ devices }, source) =>
        new Set(devices.filter(({ name }) => this.#ends[source]?.has(name)).map(({ index }) => index)),
    );
    this.ifindex = readers[0]?.devices[0]?.index ?? 0;
    this.linkHeaderBytes = readers[0]?.linkHeaderBytes ?? 0;
    this.#records = new JoinedRecords({
      inserters: (flowId) => this.#inserters.get(flowId),
      isEnd: (source, ifindex) => numbers[source]?.has(ifindex) ?? false,
      onRecord: (view, offset, length) => {
        this.#handedOut++;
        this.#callback(view, offset, length);
      },
    });
    this.#joiner = new ExportJoiner({
      onPacket: (packet) => this.#records.take(packet, packet.sinceMs - this.#startMs < EARLY_MS),
    });
  }

  /** Whether reports are read where packets end: then it is known how many arrived. */
  get seesEnd(): boolean {
    return this.#readers.some(({ devices }, source) => devices.some(({ name }) => this.#ends[source]?.has(name)));
  }

  /** Drops what is there: from now on reports count. */
  skip(): void {
    for (const reader of this.#readers) reader.poll(() => {});
    this.#startMs = performance.now();
  }

  /** Hands out all packets whose reports have come, those that may lack some among them. */
  poll(callback: RecordCallback): number {
    return this.#with(callback, () => {
      for (const [source, reader] of this.#readers.entries()) reader.poll(this.#take(source));
      this.#joiner.flush();
    });
  }

  /** Hands out packets as their time is over; `afterBatch` is called with their number. */
  watch(callback: RecordCallback, afterBatch: (records: number) => void = () => {}): Watch {
    const watches = this.#readers.map((reader, source) => reader.watch(this.#take(source), () => {}));
    const settle = (): void => {
      const records = this.#with(callback, () => this.#joiner.settle(performance.now()));
      if (records > 0) afterBatch(records);
    };
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
    for (const [source, reader] of this.#readers.entries()) {
      for (const [device, counts] of reader.counts()) {
        if (this.#ends[source]?.has(device) !== true) continue;
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
    for (const reader of this.#readers) {
      for (const [, counts] of reader.counts()) for (const name of lossNames) add(name, counts[name] ?? 0n);
    }
    return sums;
  }

  /** TAI less the wall clock, ns. */
  clock(): bigint {
    return this.#readers.map((reader) => reader.clock())[0] ?? 0n;
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
  }

  #take(source: number): (bytes: Uint8Array, offset: number) => void {
    return (bytes, offset) => this.#joiner.take(bytes, offset, source, performance.now());
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

const insertersOf = (nodes: readonly ExportingNode[]): Map<number, Set<number>> => {
  const found = new Map<number, Set<number>>();
  for (const [source, { netns }] of nodes.entries()) {
    for (const status of showIoam(netns)) {
      const flowId = status.kind === "encap" ? status.rule.dexFlowId : undefined;
      if (flowId !== undefined) found.set(flowId, (found.get(flowId) ?? new Set()).add(source));
    }
  }
  return found;
};

const sinksIn = (netns: string | undefined): string[] =>
  showIoam(netns).flatMap(({ kind, device }) => (kind === "sink" ? [device] : []));
