/** Several sinks of one namespace as one: where packets reach a machine by several interfaces. */
import type { CounterValues } from "../../follow/trace/loss.ts";
import { numberedIn, numberedTotals, type OpenSink } from "../../mark/ioam/control.ts";
import { openSinkAlone } from "./open-sink.ts";

/** What a session needs of a sink, or of several. */
export interface TraceSink extends Pick<OpenSink, "linkHeaderBytes" | "counts" | "clock" | "close"> {
  readonly reader: Pick<OpenSink["reader"], "watch" | "poll" | "skip">;
  readonly device: { readonly index: number };
}

/** Opens them as their only reader; at least one. ConfigError when one is none, HopmarkError `busy` when one is read. */
export const openSinks = (devices: readonly string[], netns: string | undefined): TraceSink => {
  const sinks: OpenSink[] = [];
  const close = (): void => {
    for (const sink of sinks.splice(0)) sink.close();
  };
  try {
    for (const device of devices) sinks.push(openSinkAlone({ device, netns }));
  } catch (error) {
    close();
    throw error;
  }
  const [first, ...others] = sinks;
  if (first === undefined) throw new RangeError("no sink to open");
  return others.length === 0 ? first : together(first, sinks, close);
};

const together = (first: OpenSink, sinks: readonly OpenSink[], close: () => void): TraceSink => ({
  device: first.device,
  linkHeaderBytes: first.linkHeaderBytes,
  reader: {
    watch: (callback, afterBatch) => {
      const watches = sinks.map(({ reader }) => reader.watch(callback, afterBatch));
      const each = (run: (watch: (typeof watches)[number]) => void) => (): void => watches.forEach(run);
      return {
        close: each((watch) => watch.close()),
        ref: each((watch) => watch.ref()),
        unref: each((watch) => watch.unref()),
      };
    },
    poll: (callback) => sinks.reduce((count, { reader }) => count + reader.poll(callback), 0),
    skip: () => sinks.reduce((count, { reader }) => count + reader.skip(), 0),
  },
  counts: () => {
    const streams = sinks.flatMap((sink) => sink.streams() ?? []);
    // A number that did not come to one sink may have come to another.
    return {
      ...added(sinks.map((sink) => sink.counts())),
      ...(streams.length > 0 && numberedTotals(numberedIn(streams))),
    };
  },
  clock: () => sinks.map((sink) => sink.clock())[0] ?? 0n,
  close,
});

/** Counters added up by their names. */
export const added = (all: readonly CounterValues[]): CounterValues => {
  const sums: Record<string, bigint> = {};
  for (const [name, value] of all.flatMap((values) => Object.entries(values))) sums[name] = (sums[name] ?? 0n) + value;
  return sums;
};
