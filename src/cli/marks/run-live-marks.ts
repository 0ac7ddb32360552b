/** Marks of an interface, live. */
import { followLive } from "../../follow/marks/live-marks.ts";
import { MarkFollower } from "../../follow/marks/mark-follower.ts";
import { marksReport } from "../../follow/marks/report.ts";
import type { Context } from "../framework/command.ts";
import { untilEnd } from "../live/end.ts";
import { LiveTerminal } from "../live/live-terminal.ts";
import { withUndo } from "../undo.ts";
import { delayLine } from "./delay-line.ts";
import { renderMarks } from "./marks-screen.ts";
import { marksText, type MarksSummary } from "./marks-text.ts";
import type { MarksInput } from "./run-marks.ts";

const FRAME_MS = 250;
/** With --json, how things stand is said so often. */
const REPORT_MS = 1000;

export const runLiveMarks = (
  input: MarksInput & { readonly device: string },
  { output, signal }: Context,
): Promise<void> =>
  withUndo(async (undo) => {
    const withSender = input.from !== undefined;
    const by = input.by ?? (withSender ? "source" : "mac");
    const follower = new MarkFollower({
      by,
      withSender,
      ...(input.each && { onDelay: delayLine(output, by, () => null) }),
    });
    const { device, netns } = input;
    const receiver = { device, netns, direction: input.egress ? "egress" : "ingress" } as const;
    const sender =
      input.from === undefined
        ? undefined
        : ({ device: input.from, netns: input.fromNetns ?? netns, direction: "egress" } as const);
    const live = followLive(follower, receiver, sender);
    undo.add(() => void live.close());
    const summary = (): MarksSummary => ({
      type: "marks",
      captures: null,
      live: live.counts(),
      clock: withSender ? { sameClock: true, errorNs: 0, resolutionNs: 1 } : null,
      ...marksReport(follower, by),
    });
    const title = `marks at ${device}${withSender ? ` from ${input.from}` : ""}`;
    if (output.interactive) {
      const terminal = new LiveTerminal(output);
      undo.add(() => terminal.close());
      const startMs = performance.now();
      const draw = (): void =>
        terminal.draw(renderMarks(title, performance.now() - startMs, summary(), terminal.size, output.style));
      const timer = setInterval(draw, FRAME_MS);
      undo.add(() => clearInterval(timer));
      draw();
      await untilEnd(signal, input.seconds);
      clearInterval(timer);
      terminal.close();
    } else {
      if (output.json) {
        output.print({ type: "started", device, from: input.from ?? null }, () => "");
        const timer = setInterval(() => output.print(soFar(summary()), () => ""), REPORT_MS);
        undo.add(() => clearInterval(timer));
        await untilEnd(signal, input.seconds);
        clearInterval(timer);
      } else {
        output.note(`${title} · Ctrl-C ends`);
        await untilEnd(signal, input.seconds);
      }
    }
    live.close();
    output.print(summary(), marksText);
  });

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
