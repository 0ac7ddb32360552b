/** A user's script from start to an attached program, run with `--import hopmark/register`; prints the time of that moment. */
import { attach } from "hopmark/bpf";
import { countSources } from "../../examples/count-sources.bpf.ts";

const running = attach(countSources, { device: "lo" });
const now = performance.timeOrigin + performance.now();
console.log(now);
running.close();
