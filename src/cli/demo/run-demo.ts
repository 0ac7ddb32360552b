import { HopmarkError } from "../../errors.ts";
import type { Output } from "../framework/output.ts";
import { untilEnd } from "../live/end.ts";
import { LiveSession } from "../live/live-session.ts";
import { sinkSource } from "../live/live-source.ts";
import { summaryText } from "../picture/summary-text.ts";
import { Progress } from "../progress.ts";
import { withUndo } from "../undo.ts";
import { buildDemoLab, type TransitKind } from "./demo-lab.ts";
import { startDemoTraffic, TRAFFIC_NOTE } from "./demo-traffic.ts";

export interface DemoOptions {
  readonly transit: TransitKind;
  /** Until it is told to end, without it. */
  readonly seconds: number | undefined;
  /** A line a packet, also on a terminal. */
  readonly lines: boolean;
}

/** Packets under way when the traffic stops; the lab has no slower links. */
const SETTLE_MS = 2000;

/** Builds the lab, shows what its packets say, and leaves nothing behind. */
export const runDemo = (options: DemoOptions, output: Output, signal: AbortSignal): Promise<void> =>
  withUndo(async (undo) => {
    const lab = await buildDemoLab(options.transit, undo, new Progress(output));
    signal.throwIfAborted();
    const source = sinkSource({
      title: "hopmark demo",
      note: TRAFFIC_NOTE,
      source: lab.name,
      transit: options.transit,
      names: lab.names,
      sink: lab.sink,
      counted: lab.counted,
    });
    const session = new LiveSession(source, output, { show: options.lines ? "lines" : "picture" });
    undo.add(() => session.close());
    const traffic = await startDemoTraffic(lab.name, undo);
    await untilEnd(signal, options.seconds, [traffic.failed.then(refuseEnd)]);
    await traffic.stop();
    await session.settle(SETTLE_MS);
    output.print(await session.finish(), (summary, style) => summaryText(summary, style));
  });

const refuseEnd = (): never => {
  throw new HopmarkError("traffic", "the demo's traffic ended by itself");
};
