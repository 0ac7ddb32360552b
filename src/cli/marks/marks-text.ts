/** What became of marked packets, for people. */
import type { CaptureFacts } from "../../follow/marks/follow-capture.ts";
import type { LiveCounts } from "../../follow/marks/live-marks.ts";
import type { FlowReport, MarksReport, StreamReport } from "../../follow/marks/report.ts";
import { protocolName } from "../../follow/trace/protocol-name.ts";
import { IpProtocol } from "../../wire/numbers.ts";
import type { Style } from "../framework/style.ts";
import { sparkline } from "../picture/bars.ts";
import { visibleWidth } from "../picture/clip.ts";
import { columns } from "../picture/columns.ts";
import { count, duration } from "../picture/quantity.ts";

/** What `hopmark marks` prints in the end. */
export interface MarksSummary extends MarksReport {
  readonly type: "marks";
  /** The sender's first, when there are two. */
  readonly captures: readonly CaptureFacts[] | null;
  readonly live: LiveCounts | null;
  /** How well delays are known; null when there are none. `errorNs` null: the clocks may differ by any time. */
  readonly clock: {
    readonly sameClock: boolean;
    readonly errorNs: number | null;
    readonly resolutionNs: number;
  } | null;
}

const MOST_RANGES = 16;
const MOST_FLOWS = 12;

export const marksText = (summary: MarksSummary, style: Style): string => {
  const { streams, flows, flowCount, live, clock } = summary;
  if (streams.length === 0) return style("dim", "no marked packet came");
  const lines = [...streamTable(streams, style), ...streams.flatMap((stream) => details(stream, style))];
  const delays = streams.filter(({ delay }) => delay !== null);
  if (clock !== null && delays.length > 0) lines.push("", ...delayTable(delays, style), style("dim", clockText(clock)));
  lines.push("", ...timelineLines(summary.timeline, 60, style));
  if (flows.length > 0) lines.push("", ...flowTable(flows.slice(0, MOST_FLOWS), style));
  if (flowCount > MOST_FLOWS) lines.push(style("dim", `and ${count(flowCount - MOST_FLOWS)} more flows`));
  if (live !== null && live.lost > 0)
    lines.push(`${count(live.lost)} of ${count(live.seen)} packets were not told of in time: they count as lost here`);
  return lines.join("\n");
};

const nameOf = ({ device, cpu }: StreamReport): string => `${device ?? "device"} cpu ${cpu}`;

const streamTable = (streams: readonly StreamReport[], style: Style): string[] =>
  columns(
    [
      ["", "sent", "received", "lost", "doubled", "reordered", "overtaken by"].map((title) => style("dim", title)),
      ...streams.map((stream) => [
        style("bold", nameOf(stream)),
        count(stream.sent),
        count(stream.received),
        lostCell(stream, style),
        count(stream.duplicated),
        count(stream.reordered),
        stream.extent === null ? "" : `${count(stream.extent.median)}, at most ${count(stream.extent.max)}`,
      ]),
    ],
    [1, 2, 3, 4, 5],
  );

/** With delays, and as many columns as there is room for. */
export const liveStreamTable = (streams: readonly StreamReport[], style: Style, width: number): string[] => {
  const withDelays = streams.some(({ delay }) => delay !== null);
  return fitted(
    [
      ["", nameOf],
      ["sent", ({ sent }) => count(sent)],
      ["received", ({ received }) => count(received)],
      ["lost", ({ lost }) => count(lost)],
      ["% lost", ({ lost, sent }) => shareText(sent === 0 ? 0 : lost / sent)],
      ["doubled", ({ duplicated }) => count(duplicated)],
      ["reordered", ({ reordered }) => count(reordered)],
      ...(withDelays ? delayColumns : []),
      [
        "overtaken by",
        ({ extent }) => (extent === null ? "" : `${count(extent.median)}, at most ${count(extent.max)}`),
      ],
    ],
    streams,
    style,
    width,
  );
};

const delayColumns: readonly Column<StreamReport>[] = [
  ["median delay", ({ delay }) => duration(delay?.p50Ns ?? null)],
  ["99 %", ({ delay }) => duration(delay?.p99Ns ?? null)],
  ["jitter", ({ delay }) => duration(delay?.jitterNs ?? null)],
];

type Column<T> = readonly [title: string, cell: (row: T) => string];

/** A table whose last columns are left out until it fits. The first names the row; what is lost is red. */
const fitted = <T>(all: readonly Column<T>[], rows: readonly T[], style: Style, width: number): string[] => {
  const right = all.map((_, at) => at).slice(1);
  for (let shown = all.length; ; shown--) {
    const some = all.slice(0, shown);
    const lines = columns(
      [
        some.map(([title]) => style("dim", title)),
        ...rows.map((row) =>
          some.map(([title, cell], at) => {
            const text = cell(row);
            if (at === 0) return style("bold", text);
            return title.includes("lost") && !/^(0|0 %|\?)$/.test(text) ? style("red", text) : text;
          }),
        ),
      ],
      right,
    );
    if (shown <= 3 || visibleWidth(lines[0] ?? "") <= width) return lines;
  }
};

/** `0 %`, `0.3 %`, `17 %`, `<0.01 %`. */
export const shareText = (share: number): string => {
  if (share === 0) return "0 %";
  const percent = share * 100;
  if (percent < 0.01) return "<0.01 %";
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} %`;
};

const lostCell = ({ lost }: StreamReport, style: Style): string => (lost === 0 ? "0" : style("red", count(lost)));

const details = (stream: StreamReport, style: Style): string[] => {
  const name = style("bold", nameOf(stream));
  const lines: string[] = [];
  if (stream.lost > 0) lines.push(`${name} lost: ${rangesText(stream)}`);
  if (stream.restarts > 0) lines.push(`${name}: its sender started anew ${times(stream.restarts)}`);
  if (stream.late > 0) lines.push(`${name}: ${count(stream.late)} came so late that what they are is not known`);
  const { fragments } = stream;
  if (fragments !== null)
    lines.push(
      `${name}: ${count(fragments.pieces)} fragments, ${count(fragments.duplicated)} of them again; ` +
        `${count(fragments.incomplete)} packets lack some` +
        (fragments.areMarkedApart ? "; cut before they were marked, they have a number each" : ""),
    );
  if (stream.notSent !== null && stream.notSent > 0)
    lines.push(`${name}: ${count(stream.notSent)} came that the sender's side has not seen`);
  if (stream.untimed !== null && stream.untimed > 0)
    lines.push(`${name}: ${count(stream.untimed)} came so long after they were sent that their delay is not known`);
  return lines;
};

const times = (number: number): string => (number === 1 ? "once" : `${count(number)} times`);

const rangesText = ({ lostSeqs, complete }: StreamReport): string => {
  const shown = lostSeqs
    .slice(0, MOST_RANGES)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${shown.join(" ")}${lostSeqs.length > MOST_RANGES || !complete ? " …" : ""}`;
};

const delayTable = (streams: readonly StreamReport[], style: Style): string[] =>
  columns(
    [
      ["delay", "least", "median", "95 %", "99 %", "most", "jitter"].map((title) => style("dim", title)),
      ...streams.map((stream) => {
        const {
          minNs = null,
          p50Ns = null,
          p95Ns = null,
          p99Ns = null,
          maxNs = null,
          jitterNs = null,
        } = stream.delay ?? {};
        return [style("bold", nameOf(stream)), ...[minNs, p50Ns, p95Ns, p99Ns, maxNs, jitterNs].map(duration)];
      }),
    ],
    [1, 2, 3, 4, 5, 6],
  );

const clockText = ({ sameClock, errorNs, resolutionNs }: NonNullable<MarksSummary["clock"]>): string => {
  if (sameClock) return "both ends by the same clock";
  const known =
    errorNs === null
      ? "an unknown difference of the two clocks is in all of them"
      : `± ${duration(errorNs)}, as far as the clocks may differ`;
  return `${known}; times to ${duration(resolutionNs)}`;
};

/** Loss and delay over time, a bar a step. */
const timelineLines = (
  { stepNs, lost, meanDelayNs }: MarksReport["timeline"],
  width: number,
  style: Style,
): string[] => {
  const step = Math.max(1, Math.ceil(lost.length / width));
  const bars = (values: readonly (number | null)[]): string => sparkline(values);
  const group = <T>(values: readonly T[]): T[][] =>
    Array.from({ length: Math.ceil(values.length / step) }, (_, at) => values.slice(at * step, (at + 1) * step));
  const losses = group(lost).map((part) => part.reduce((sum, value) => sum + value, 0) || null);
  const delays = group(meanDelayNs).map(mean);
  const each = duration(stepNs * step);
  const most = Math.max(0, ...losses.map((value) => value ?? 0));
  const lines = [
    `${"lost".padEnd(6)}${style("red", bars(losses))}  ${style("dim", `at most ${count(most)} in a step of ${each}`)}`,
  ];
  const longest = Math.max(...delays.map((delay) => delay ?? -Infinity));
  if (longest > -Infinity)
    lines.push(
      `${"delay".padEnd(6)}${style("cyan", bars(delays.map((delay) => (delay === null ? null : Math.max(0, delay)))))}  ` +
        style("dim", `at most ${duration(longest)}, the mean of a step`),
    );
  return lines;
};

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

export const flowTable = (flows: readonly FlowReport[], style: Style, width = Infinity): string[] => {
  const withSender = flows.some(({ sent }) => sent !== null);
  const withSent = (column: Column<FlowReport>): Column<FlowReport>[] => (withSender ? [column] : []);
  return fitted(
    [
      ["flow", flowName],
      ...withSent(["sent", ({ sent }) => count(sent)]),
      ["received", ({ received }) => count(received)],
      ...withSent(["lost", ({ lost }) => count(lost)]),
      ["doubled", ({ duplicated }) => count(duplicated)],
      ["reordered", ({ reordered }) => count(reordered)],
      ["sent again", (flow) => (flow.protocol === IpProtocol.Tcp ? sentAgainText(flow) : "")],
      ...withSent(["mean delay", ({ delay }) => (delay === null ? "" : duration(delay.meanNs))]),
    ],
    flows,
    style,
    width,
  );
};

const sentAgainText = ({ retransmitted, retransmittedUnknown }: FlowReport): string =>
  retransmittedUnknown === 0
    ? count(retransmitted)
    : `${count(retransmitted)} to ${count(retransmitted + retransmittedUnknown)}`;

const flowName = ({ protocol, source, sourcePort, destination, destinationPort }: FlowReport): string => {
  const end = (address: string, port: number | null): string => (port === null ? address : `${address}:${port}`);
  return `${protocolName(protocol)} ${end(source, sourcePort)} > ${end(destination, destinationPort)}`;
};
