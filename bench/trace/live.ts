/** The live view: following traces with a picture drawn for every 10,000th, which is ten a second at 100,000 traces/s. */
import { ansiStyle } from "../../src/cli/framework/style.ts";
import { DelayHistory } from "../../src/cli/picture/delay-history.ts";
import { renderScreen } from "../../src/cli/picture/screen.ts";
import { TraceFollower } from "../../src/follow/trace/trace-follower.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { compare, type Row } from "../row.ts";
import { PATHS } from "./records.ts";

const FRAMES = 10;
const TRACES_PER_FRAME = 10_000;

export const liveRow = (records: Uint8Array): Row => {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const follow = (draw: boolean): number => {
    const names = new Map<number, string>();
    const follower = new TraceFollower({ names });
    const { statistics } = follower;
    const history = new DelayHistory(120);
    let lines = 0;
    const start = performance.now();
    for (let frame = 0; frame < FRAMES; frame++) {
      for (let count = 0; count < TRACES_PER_FRAME; count++) follower.take(view, (count % PATHS) * TraceRecord.size);
      if (!draw) continue;
      history.sample(statistics.links);
      const state = {
        title: "bench",
        note: "",
        transit: null,
        elapsedMs: frame * 100,
        statistics,
        loss: {
          sent: statistics.packets,
          received: statistics.packets,
          lost: 0,
          edgeToEdge: null,
          exports: null,
          reasons: {},
        },
        history,
        names,
        by: "link" as const,
        recent: follower.recent(50),
      };
      lines += renderScreen(state, { width: 200, height: 50 }, ansiStyle).length;
    }
    const rate = (FRAMES * TRACES_PER_FRAME * 1000) / (performance.now() - start);
    if (statistics.packets !== FRAMES * TRACES_PER_FRAME || (draw && lines === 0)) throw new Error("nothing was drawn");
    return rate;
  };
  return compare({
    name: "traces followed, a picture for every 10,000",
    unit: "traces/s",
    better: "higher",
    peerName: "following without a picture",
    rounds: 5,
    ours: () => follow(true),
    peer: () => follow(false),
  });
};
