import { ConfigError } from "../../errors.ts";
import type { CounterValues } from "../../follow/trace/loss.ts";
import { showIoam } from "../../mark/ioam/control.ts";
import type { Output } from "../framework/output.ts";
import { namesAround } from "../lab-names.ts";
import { summaryText } from "../picture/summary-text.ts";
import { untilEnd } from "./end.ts";
import { LiveSession } from "./live-session.ts";
import { openSinkAlone } from "./open-sink.ts";

export interface TraceOptions {
  readonly netns: string | undefined;
  readonly dev: string | undefined;
  /** The encapsulating node's namespace. */
  readonly encap: string | undefined;
  readonly seconds: number | undefined;
  readonly lines: boolean;
}

/** Shows what a sink reports until it is told to end. */
export const runTrace = async (options: TraceOptions, output: Output, signal: AbortSignal): Promise<void> => {
  const device = options.dev ?? onlySink(options.netns);
  const sink = openSinkAlone({ device, netns: options.netns });
  try {
    const session = new LiveSession(
      {
        title: "hopmark trace",
        note: `${device}${options.netns === undefined ? "" : ` in ${options.netns}`} · Ctrl-C ends`,
        transit: null,
        names: namesAround(options.netns),
        reader: sink.reader,
        counted: () => ({ encap: encapCounters(options.encap), transit: [], sink: sink.counts() }),
      },
      output,
      options,
    );
    try {
      await untilEnd(signal, options.seconds);
      output.print(session.finish(), summaryText);
    } finally {
      session.close();
    }
  } finally {
    sink.close();
  }
};

const onlySink = (netns: string | undefined): string => {
  const [only, another] = showIoam(netns).filter(({ kind }) => kind === "sink");
  if (only === undefined) {
    throw new ConfigError(`there is no sink ${netns === undefined ? "here" : `in ${netns}`}`, {
      hint: "add one: hopmark ioam sink add dev DEVICE; or name its namespace with --netns",
    });
  }
  if (another !== undefined) {
    throw new ConfigError(`several interfaces have a sink: ${only.device}, ${another.device}`, {
      hint: `say which: --dev ${only.device}`,
    });
  }
  return only.device;
};

const encapCounters = (netns: string | undefined): CounterValues[] =>
  netns === undefined
    ? []
    : showIoam(netns)
        .filter(({ kind }) => kind === "encap")
        .map(({ counters }) => counters);
