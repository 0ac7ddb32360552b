/** What a session follows: traces as they come, or a recording of them. */
import type { RingReader } from "../../bpf/ring.ts";
import type { Counted, CounterValues } from "../../follow/trace/loss.ts";
import type { NodeNames } from "../../follow/trace/path-object.ts";
import type { SessionFacts, SessionState } from "../../follow/trace/recording/session.ts";
import { readClock } from "../../linux/clock.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { ExportNodes } from "./export-nodes.ts";
import { added, type TraceSink } from "./open-sinks.ts";

export interface LiveSource {
  readonly title: string;
  /** What goes on, and how to end it. */
  readonly note: string;
  readonly reader: Pick<RingReader, "watch" | "poll">;
  /** Reads all counters, drops the records of what they count, and starts the clock. */
  begin(): SessionFacts;
  secondsSoFar(): number;
  /** Reads all counters now; `last` when nothing comes after it. */
  state(last: boolean): SessionState;
}

interface Described {
  readonly title: string;
  readonly note: string;
  /** How a recording names what was followed. */
  readonly source: string;
  readonly transit: string | null;
  readonly names: NodeNames;
  readonly counted: () => Counted;
}

export interface SourceOptions extends Described {
  readonly reader: LiveSource["reader"];
  readonly ifindex: number;
  /** Bytes before the IP header, which records count in `packetLength`. */
  readonly linkHeaderBytes: number;
  /** Drops what is there, and returns what was counted until then. */
  readonly start: () => CounterValues;
  /** TAI less the wall clock, ns. */
  readonly taiOffset: () => bigint;
}

/** What a reader has, from now on. */
export const sourceOf = (options: SourceOptions): LiveSource => {
  const { title, note, reader, source, transit, names, ifindex, linkHeaderBytes, counted, start, taiOffset } = options;
  const clock = new ClockWatch(taiOffset);
  let startMs = 0;
  const secondsSoFar = (): number => Math.round(performance.now() - startMs) / 1000;
  return {
    title,
    note,
    reader,
    begin: () => {
      startMs = performance.now();
      return {
        source,
        startNs: readClock("realtime"),
        transit,
        names,
        // Names come from labs, and those are on one machine.
        sharedClock: names.size > 0,
        ifindex,
        linkHeaderBytes,
        before: beginning(counted, start),
        clock: clock.look(),
      };
    },
    secondsSoFar,
    state: (last) => ({ seconds: secondsSoFar(), after: counted(), clock: clock.look(), ended: last }),
  };
};

/**
 * Where packets come one by one, a moment without one is waited for. Where more than a few come between two readings there is none:
 * they then count at one end only.
 */
const BEGIN_WITHIN_MS = 500;
const A_FEW = 20n;
const LEAST_TRIES = 3;

/** Counters of a moment at which nothing was sent between the reading of the one end and that of the other. */
const beginning = (counted: () => Counted, start: () => CounterValues): Counted => {
  const deadline = performance.now() + BEGIN_WITHIN_MS;
  let before = counted();
  for (let tries = 1; ; tries++) {
    const sink = start();
    const after = counted();
    const between = sentBy(after) - sentBy(before);
    const isHopeless = between > A_FEW || performance.now() > deadline;
    if (between === 0n || (isHopeless && tries >= LEAST_TRIES)) return { ...before, sink };
    before = after;
  }
};

const sentBy = ({ encap }: Counted): bigint => encap.reduce((sum, { sent = 0n }) => sum + sent, 0n);

/** A sink, from now on. */
export const sinkSource = ({ sink, ...rest }: Described & { readonly sink: TraceSink }): LiveSource =>
  sourceOf({
    ...rest,
    reader: sink.reader,
    ifindex: sink.device.index,
    linkHeaderBytes: sink.linkHeaderBytes,
    start: () => startAfresh(sink),
    taiOffset: () => sink.clock(),
  });

/** Reports of several nodes, and the traces of a sink besides, when there is one. */
export const exportSource = ({
  exports,
  sink,
  ...rest
}: Described & { readonly exports: ExportNodes; readonly sink: TraceSink | undefined }): LiveSource =>
  sourceOf({
    ...rest,
    reader: sink === undefined ? exports : bothReaders(sink.reader, exports),
    ifindex: sink?.device.index ?? exports.ifindex,
    linkHeaderBytes: sink?.linkHeaderBytes ?? exports.linkHeaderBytes,
    start: () => {
      exports.skip();
      return added([sink === undefined ? {} : startAfresh(sink), exports.arrived()]);
    },
    taiOffset: () => {
      const offset = exports.clock();
      return sink?.clock() ?? offset;
    },
  });

const bothReaders = (one: LiveSource["reader"], other: LiveSource["reader"]): LiveSource["reader"] => ({
  poll: (callback) => one.poll(callback) + other.poll(callback),
  watch: (callback, afterBatch) => {
    const watches = [one.watch(callback, afterBatch), other.watch(callback, afterBatch)];
    return {
      close: () => watches.forEach((watch) => watch.close()),
      ref: () => watches.forEach((watch) => watch.ref()),
      unref: () => watches.forEach((watch) => watch.unref()),
    };
  },
});

/** At full speed something always comes meanwhile; the few packets then count on one side only. */
const TRIES = 20;

/** Empties the ring between two readings of the counters that agree: what comes from now on is counted and recorded alike. */
const startAfresh = ({ reader, counts }: TraceSink): CounterValues => {
  let before = counts();
  for (let tries = 0; tries < TRIES; tries++) {
    reader.skip();
    const after = counts();
    if (after["received"] === before["received"]) break;
    before = after;
  }
  return before;
};
