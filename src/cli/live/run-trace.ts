import { ConfigError } from "../../errors.ts";
import type { CounterValues } from "../../follow/trace/loss.ts";
import type { RecordingFormat } from "../../follow/trace/recording/format-name.ts";
import { showIoam } from "../../mark/ioam/control.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import type { Output } from "../framework/output.ts";
import { namesAround } from "../lab-names.ts";
import type { Grouping } from "../picture/grouping.ts";
import { summaryText } from "../picture/summary-text.ts";
import { untilEnd } from "./end.ts";
import { LiveSession, type LiveOptions } from "./live-session.ts";
import { chooseNodes, type ChosenNodes } from "./choose-nodes.ts";
import { ExportNodes } from "./export-nodes.ts";
import { exportSource, sinkSource, type LiveSource } from "./live-source.ts";
import { openKernelSource } from "./kernel-source.ts";
import { openLocalNodes } from "./local-export-nodes.ts";
import { openRecording } from "./open-recording.ts";
import { added, openSinks, type TraceSink } from "./open-sinks.ts";
import { openReplay } from "./replay-source.ts";
import { openReports } from "./reports-source.ts";

export interface TraceOptions {
  readonly netns: string | undefined;
  /** The sink's interface. */
  readonly device: string | undefined;
  /** Namespaces of nodes whose reports are joined, beside those of `netns` and `encap`. */
  readonly nodes: readonly string[] | undefined;
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
  /** What nodes elsewhere report, in place of a sink. */
  readonly reports: readonly string[] | undefined;
}

/** Shows what a sink reports, or several nodes do, until it is told to end, or what a recording holds. Returns the exit status. */
export const runTrace = async (options: TraceOptions, output: Output, signal: AbortSignal): Promise<number> => {
  if (options.read !== undefined) return traceRecording(options.read, options, output, signal);
  if (options.reports !== undefined) return traceReports(options.reports, options, output, signal);
  await (options.kernel ? traceKernel(options, output, signal) : traceNodes(options, output, signal));
  return ExitStatus.Ok;
};

const traceNodes = async (options: TraceOptions, output: Output, signal: AbortSignal): Promise<void> => {
  const { netns, encap } = options;
  const chosen = chooseNodes(options);
  const sink = chosen.sinks.length === 0 ? undefined : openSinks(chosen.sinks, netns);
  let exports: ExportNodes | undefined;
  try {
    if (chosen.exporting.length > 0) exports = new ExportNodes(openLocalNodes(chosen.exporting));
    const source = sourceText(chosen, netns);
    const described = {
      title: "hopmark trace",
      note: `${source} · Ctrl-C ends`,
      source,
      transit: null,
      names: namesAround(netns),
    };
    await follow(sourceFor(described, sink, exports, encap), options, output, signal);
  } finally {
    sink?.close();
    exports?.close();
  }
};

const sourceFor = (
  described: Omit<Parameters<typeof sinkSource>[0], "sink" | "counted">,
  sink: TraceSink | undefined,
  exports: ExportNodes | undefined,
  encap: string | undefined,
): LiveSource => {
  if (exports === undefined) {
    if (sink === undefined) throw new Error("unreachable: a sink or an exporter was found");
    return sinkSource({
      ...described,
      sink,
      counted: () => ({ encap: encapCounters(encap, false), transit: [], sink: sink.counts() }),
    });
  }
  return exportSource({
    ...described,
    sink,
    exports,
    counted: () => ({
      encap: encapCounters(encap, exports.seesEnd),
      transit: [],
      sink: added([sink?.counts() ?? {}, exports.arrived()]),
      exports: exports.counts(),
    }),
  });
};

const sourceText = ({ sinks, exporting }: ChosenNodes, netns: string | undefined): string => {
  const here = (devices: readonly string[], where: string | undefined): string =>
    `${devices.join(" and ")}${where === undefined ? "" : ` in ${where}`}`;
  const others = exporting.filter((node) => node.netns !== netns);
  const own = exporting.find((node) => node.netns === netns)?.devices ?? [];
  return [
    ...(sinks.length + own.length > 0 ? [here([...new Set([...sinks, ...own])], netns)] : []),
    ...others.map((node) => here(node.devices, node.netns)),
  ].join(", ");
};

const traceKernel = async (options: TraceOptions, output: Output, signal: AbortSignal): Promise<void> => {
  const { netns, encap, device, nodes } = options;
  if (nodes !== undefined) {
    throw new ConfigError("--nodes is for reports of Hopmark's nodes, and the kernel's own make none", {
      hint: "leave out one of the two",
    });
  }
  if (device !== undefined) {
    throw new ConfigError(`${device} is an interface, and --kernel reads what all of a namespace's interfaces got`, {
      hint: "leave out one of the two",
    });
  }
  const source = openKernelSource({ netns, names: namesAround(netns), encap: () => encapCounters(encap, false) });
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
): Promise<number> => {
  refuseLive(options, "-r reads a recording", "a recording knows where it was made");
  if (options.reports !== undefined) throw new ConfigError("-r and --reports exclude each other");
  return followToEnd(await openReplay(path), options, output, signal);
};

const traceReports = async (
  paths: readonly string[],
  options: TraceOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> => {
  refuseLive(
    options,
    "--reports reads what nodes wrote",
    "what this machine's nodes report comes by hopmark ioam export -w, too",
  );
  return followToEnd(await openReports(paths), options, output, signal);
};

/** What ends by itself, and is closed then: a remark says what was missing in it. */
const followToEnd = async (
  source: LiveSource & { readonly finished: Promise<void>; remark(): string | null; close(): void },
  options: TraceOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> => {
  try {
    await follow(source, options, output, signal, [source.finished]);
    const remark = source.remark();
    if (remark === null) return ExitStatus.Ok;
    output.remark(remark);
    return ExitStatus.Failed;
  } finally {
    source.close();
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

const refuseLive = ({ device, netns, encap, nodes, kernel }: TraceOptions, other: string, reason: string): void => {
  const live = {
    DEVICE: device,
    "--netns": netns,
    "--encap": encap,
    "--nodes": nodes,
    "--kernel": kernel || undefined,
  };
  const given = Object.entries(live).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new ConfigError(`${given[0]} is for traces as they come, and ${other}`, {
    hint: `leave out one of the two: ${reason}`,
  });
};

/** What asks for reports counts where reports are read at its end, and brings no trace to a sink. */
const encapCounters = (netns: string | undefined, withExports: boolean): CounterValues[] =>
  netns === undefined
    ? []
    : showIoam(netns)
        .filter((status) => status.kind === "encap" && (withExports || status.rule.trace !== "dex"))
        .map(({ counters }) => counters);
