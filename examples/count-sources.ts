/** As root: node -r hopmark/register examples/count-sources.ts [DEVICE] [SECONDS] */
import { setTimeout as after } from "node:timers/promises";
import { attach } from "hopmark/bpf";
import { countSources, sources } from "./count-sources.bpf.ts";

const [device = "lo", seconds = "10"] = process.argv.slice(2);

const running = attach(countSources, { device });
console.log(`counting on ${device}`);
await after(Number(seconds) * 1000);
for (const [{ address }, { packets, bytes }] of running.map(sources))
  console.log(`${address}: ${packets} packets, ${bytes} bytes`);
running.close();
