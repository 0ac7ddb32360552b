/** Marks in captures. */
import { openCapture } from "../../follow/capture/open-capture.ts";
import { followCapture, followCaptures, type TimeBase } from "../../follow/marks/follow-capture.ts";
import { MarkFollower } from "../../follow/marks/mark-follower.ts";
import { marksReport } from "../../follow/marks/report.ts";
import { ConfigError } from "../../errors.ts";
import type { Context } from "../framework/command.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import { delayLine } from "./delay-line.ts";
import { marksText, type MarksSummary } from "./marks-text.ts";
import type { MarksInput } from "./run-marks.ts";

export const runCaptureMarks = async (
  input: MarksInput & { readonly read: string },
  { output, signal }: Context,
): Promise<number> => {
  const withSender = input.sent !== undefined;
  const by = input.by ?? (withSender ? "source" : "mac");
  const errorNs = input.clockError === undefined ? null : timeNs(input.clockError);
  const base: TimeBase = { seconds: null };
  const follower = new MarkFollower({
    by,
    withSender,
    ...(input.each && { onDelay: delayLine(output, by, () => base.seconds) }),
  });
  signal.throwIfAborted();
  using received = await openCapture(input.read);
  using sent = input.sent === undefined ? null : await openCapture(input.sent);
  const facts =
    sent === null
      ? [await followCapture(received, (packet, time) => follower.receive(packet, time), base)]
      : await followCaptures(sent, received, follower, base);
  const summary: MarksSummary = {
    type: "marks",
    captures: facts,
    live: null,
    clock: withSender
      ? { errorNs, resolutionNs: Math.max(...facts.map(({ resolutionNs }) => resolutionNs)), sameClock: false }
      : null,
    ...marksReport(follower, by),
  };
  output.print(summary, marksText);
  for (const { name, remark, missed } of facts) {
    if (remark !== null) output.remark(remark);
    if (missed !== null && missed > 0)
      output.remark(`${name}: the capture missed ${missed} packets; their marks count as lost`);
  }
  return facts.every(({ remark }) => remark === null) ? ExitStatus.Ok : ExitStatus.Failed;
};

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

const timeNs = (text: string): number => {
  const found = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(text);
  if (found !== null) return Math.round(Number(found[1]) * units[found[2]!]!);
  throw new ConfigError(`--clock-error: "${text}" is no time`, { hint: "write 50us or 2ms" });
};
