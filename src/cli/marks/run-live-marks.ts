/** Marks of an interface, or in what a pval device copies, live. */
import type { LiveMarks } from "../../follow/marks/live-marks.ts";
import type { RingMarks } from "../../follow/marks/ring-marks.ts";
import { MarkFollower } from "../../follow/marks/mark-follower.ts";
import { RecentSteps } from "../../follow/marks/recent-steps.ts";
import { marksReport } from "../../follow/marks/report.ts";
import type { Context } from "../framework/command.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import { untilEnd } from "../live/end.ts";
import { LiveTerminal } from "../live/live-terminal.ts";
import { watchInterfaces, type WatchedInterface } from "../live/watch-interfaces.ts";
import { withUndo } from "../undo.ts";
import { delayLine } from "./delay-line.ts";
import { renderMarks } from "./marks-screen.ts";
import { marksText, type MarksSummary } from "./marks-text.ts";
import type { MarksInput } from "./run-marks.ts";

const FRAME_MS = 250;
const MOST_FLOWS = 100;
/** With --json, how things stand is said so often. */
const REPORT_MS = 1000;

export const runLiveMarks = (input: MarksInput, { output, signal }: Context): Promise<number> =>
  withUndo(async (undo) => {
    const device = input.device ?? input.ring ?? "";
    const from = input.from ?? input.fromRing;
    const withSender = from !== undefined;
    const by = input.by ?? (withSender ? "source" : "mac");
    const follower = new MarkFollower({
      by,
      withSender,
      withRecent: output.interactive,
      ...(input.each && { onDelay: delayLine(output, by, () => null) }),
    });
    const gone = watchInterfaces(interfacesOf(input));
    undo.add(() => gone.close());
    const live = await startFollowing(input, follower);
    undo.add(async () => void (await live.close()));
    const hidden = await hiddenBy(input);
    if (hidden !== null) output.remark(hidden);
    let failure: unknown;
    const end = (): Promise<void> =>
      untilEnd(signal, input.seconds, ["ended" in live ? live.ended : gone.failed]).catch((error: unknown) => {
        failure = error;
      });
    const summary = (withLists = false): MarksSummary => ({
      type: "marks",
      captures: null,
      live: live.counts(),
      clock: withSender ? { sameClock: true, errorNs: 0, resolutionNs: 1 } : null,
      ...marksReport(follower, by, MOST_FLOWS, withLists),
    });
    const title = `marks at ${device}${withSender ? ` from ${from}` : ""}`;
    if (output.interactive) {
      const terminal = new LiveTerminal(output);
      undo.add(() => terminal.close());
      const startMs = performance.now();
      const recent = follower.recent ?? new RecentSteps();
      const draw = (): void => {
        recent.advance(live.elapsedNs());
        const elapsedMs = performance.now() - startMs;
        terminal.draw(renderMarks({ title, hidden }, elapsedMs, summary(), recent, terminal.size, output.style));
      };
      const timer = setInterval(draw, FRAME_MS);
      undo.add(() => clearInterval(timer));
      draw();
      await end();
      clearInterval(timer);
      terminal.close();
    } else {
      if (output.json) {
        output.print({ type: "started", device, from: from ?? null }, () => "");
        const timer = setInterval(() => output.print(soFar(summary()), () => ""), REPORT_MS);
        undo.add(() => clearInterval(timer));
        await end();
        clearInterval(timer);
      } else {
        output.note(`${title} · Ctrl-C ends`);
        await end();
      }
    }
    await live.close();
    output.print(summary(true), marksText);
    if (failure !== undefined) throw failure;
    const remark = "remark" in live ? live.remark() : null;
    if (remark === null) return ExitStatus.Ok;
    output.remark(remark);
    return ExitStatus.Failed;
  });

/** What is looked at, but for rings: those tell themselves that they end. */
const interfacesOf = ({ device, netns, from, fromNetns = netns }: MarksInput): WatchedInterface[] => [
  ...(device === undefined ? [] : [{ device, netns }]),
  ...(device === undefined || from === undefined ? [] : [{ device: from, netns: fromNetns }]),
];

/** Why there may be none to see. */
const hiddenBy = async ({ device, egress, netns }: MarksInput): Promise<string | null> => {
  if (device === undefined || egress) return null;
  const { hiddenMarks } = await import("./hidden-marks.ts");
  return hiddenMarks(device, netns);
};

/** Marks of an interface, or of what a pval device copies. */
const startFollowing = async (input: MarksInput, follower: MarkFollower): Promise<LiveMarks | RingMarks> => {
  const { device, ring, from, fromRing, netns } = input;
  const fromNetns = input.fromNetns ?? netns;
  if (ring !== undefined) {
    const { followRings } = await import("../../follow/marks/ring-marks.ts");
    return followRings(
      follower,
      { ring, netns },
      fromRing === undefined ? undefined : { ring: fromRing, netns: fromNetns },
    );
  }
  const { followLive } = await import("../../follow/marks/live-marks.ts");
  return followLive(
    follower,
    { device: device ?? "", netns, direction: input.egress ? "egress" : "ingress" },
    from === undefined ? undefined : { device: from, netns: fromNetns, direction: "egress" },
  );
};

/** How things stand, without the lists, which grow. */
const soFar = ({ live, streams }: MarksSummary): object => ({
  type: "so-far",
  live,
  streams: streams.map((stream) => ({
    ...stream,
    lostSeqs: undefined,
    duplicatedSeqs: undefined,
    reorderedSeqs: undefined,
    generations: undefined,
  })),
});
