/** A user's script whose program notes when its first packet came: `start-first.ts DEVICE`, on which packets come all the time. */
import { attach } from "hopmark/bpf";
import { firstNs, noteFirst } from "./first-packet.bpf.ts";

const [device = ""] = process.argv.slice(2);
const limitNs = process.hrtime.bigint() + 5_000_000_000n;

const running = attach(noteFirst, { device });
const first = running.map(firstNs);
while (first.value === 0n) {
  if (process.hrtime.bigint() > limitNs) throw new Error(`no packet came on ${device}`);
}
console.log(`${first.value}`);
running.close();
