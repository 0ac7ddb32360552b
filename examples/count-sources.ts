/** As root: node --import hopmark/register examples/count-sources.ts [DEVICE] [SECONDS] */
import { readFileSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import { load } from "hopmark/bpf";
import { compile } from "hopmark/compiler";
import { countSources, sources } from "./count-sources.bpf.ts";

const [device = "lo", seconds = "10"] = process.argv.slice(2);
const ifindex = Number(readFileSync(`/sys/class/net/${device}/ifindex`, "utf8"));

const program = load(compile(countSources));
const attachment = program.attachXdp({ ifindex, name: device });
console.log(`counting on ${device}`);
await after(Number(seconds) * 1000);
for (const [{ address }, { packets, bytes }] of program.map(sources))
  console.log(`${address}: ${packets} packets, ${bytes} bytes`);
attachment.close();
program.close();
