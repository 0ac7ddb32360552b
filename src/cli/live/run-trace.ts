import { ConfigError } from "../../errors.ts";
import type { CounterValues } from "../../follow/trace/loss.ts";
import type { RecordingFormat } from "../../follow/trace/recording/format-name.ts";
import { showIoam } from "../../mark/ioam/control.ts";
import type { Output } from "../framework/output.ts";
import { namesAround } from "../lab-names.ts";
import type { Grouping } from "../picture/grouping.ts";
import { summaryText } from "../picture/summary-text.ts";
import { untilEnd } from "./end.ts";
import { LiveSession, type LiveOptions } from "./live-session.ts";
import { sinkSource, type LiveSource } from "./live-source.ts";
import { openKernelSource } from "./kernel-source.ts";
import { openRecording } from "./open-recording.ts";
import { openSinks } from "./open-sinks.ts";
import { openReplay } from "./replay-source.ts";

export interface TraceOptions {
  readonly netns: string | undefined;
  /** The sink's interface. */
  readonly device: string | undefined;
  /** The encapsulating node's namespace. */
  readonly encap: string | undefined;
  /** What the kernel's own nodes report, in place of a sink. */
  readonly kernel: boolean;
  readonly seconds: number | undefined;
  readonly lines: boolean;
  readonly summary: boolean;
  /** What the tables have a row for. */
  readonly by: Grouping | undefined;
  /** The recording to write; `-` is standard output. */
  readonly write: string | undefined;
  readonly format: RecordingFormat | undefined;
  /** The recording to read in place of a sink; `-` is standard input. */
  readonly read: string | undefined;
}

/** Shows what a sink reports until it is told to end, or what a recording holds. */
export const runTrace = (options: TraceOptions, output: Output, signal: AbortSignal): Promise<void> => {
  if (options.read !== undefined) return traceRecording(options.read, options, output, signal);
  return options.kernel ? traceKernel(options, output, signal) : traceSink(options, output, signal);
};

const traceSink = async (options: TraceOptions, output: Output, signal: AbortSignal): Promise<void> => {
  const { netns, encap } = options;
  const devices = options.device === undefined ? allSinks(netns) : [options.device];
  const sink = openSinks(devices, netns);
  const source = `${devices.join(" and ")}${netns === undefined ? "" : ` in ${netns}`}`;
  try {
    const live = sinkSource({
      title: "hopmark trace",
      note: `${source} · Ctrl-C ends`,
      source,
      transit: null,
      names: namesAround(netns),
      sink,
      counted: () => ({ encap: encapCounters(encap), transit: [], sink: sink.counts() }),
    });
    await follow(live, options, output, signal);
  } finally {
    sink.close();
  }
};

const traceKernel = async (options: TraceOptions, output: Output, signal: AbortSignal): Promise<void> => {
  const { netns, encap, device } = options;
  if (device !== undefined) {
    throw new ConfigError(`${device} is an interface, and --kernel reads what all of a namespace's interfaces got`, {
      hint: "leave out one of the two",
    });
  }
  const source = openKernelSource({ netns, names: namesAround(netns), encap: () => encapCounters(encap) });
  try {
    await follow(source, options, output, signal);
  } finally {
    source.close();
  }
};

const traceRecording = async (
  path: string,
  options: TraceOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  refuseLive(options);
  const replay = await openReplay(path);
  try {
    await follow(replay, options, output, signal, [replay.finished]);
    const remark = replay.remark();
    if (remark !== null) output.remark(remark);
  } finally {
    replay.close();
  }
};

const follow = async (
  source: LiveSource,
  options: TraceOptions,
  output: Output,
  signal: AbortSignal,
  parts: readonly Promise<unknown>[] = [],
): Promise<void> => {
  const show = showOf(options);
  const recording = openRecording(options);
  // The recording has standard output for itself.
  const report = recording?.path === "-" ? output.onStandardError() : output;
  try {
    const session = new LiveSession(source, report, { show, by: options.by, recording });
    try {
      await untilEnd(signal, options.seconds, [...parts, session.failed]);
      report.print(await session.finish(), (summary, style) => summaryText(summary, style, options.by));
      if (session.failure !== undefined) throw session.failure;
    } finally {
      session.close();
    }
  } finally {
    recording?.close();
  }
};

const showOf = ({ lines, summary, write }: TraceOptions): NonNullable<LiveOptions["show"]> => {
  if (lines && summary) throw new ConfigError("--lines and --summary exclude each other");
  if (summary || write === "-") return "none";
  return lines ? "lines" : "picture";
};

const refuseLive = ({ device, netns, encap, kernel }: TraceOptions): void => {
  const live = { DEVICE: device, "--netns": netns, "--encap": encap, "--kernel": kernel || undefined };
  const given = Object.entries(live).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new ConfigError(`${given[0]} is for traces as they come, and -r reads a recording`, {
    hint: `leave out one of the two: a recording knows where it was made`,
  });
};

const allSinks = (netns: string | undefined): string[] => {
  const devices = showIoam(netns).flatMap(({ kind, device }) => (kind === "sink" ? [device] : []));
  if (devices.length > 0) return devices;
  throw new ConfigError(`there is no sink ${netns === undefined ? "here" : `in ${netns}`}`, {
    hint: "add one: hopmark ioam sink add dev DEVICE; or name its namespace with --netns",
  });
};

const encapCounters = (netns: string | undefined): CounterValues[] =>
  netns === undefined
    ? []
    : showIoam(netns)
        // What asks for reports brings no trace to a sink.
        .filter((status) => status.kind === "encap" && status.rule.trace !== "dex")
        .map(({ counters }) => counters);
