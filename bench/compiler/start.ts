/**
 * A user's script from start to an attached program, run with `--import hopmark/register`; prints the time of that moment
 * on the monotonic clock, which all processes share. `performance` would load ten modules of Node.js first.
 */
import { attach } from "hopmark/bpf";
import { countSources } from "../../examples/count-sources.bpf.ts";

const running = attach(countSources, { device: "lo" });
const now = process.hrtime.bigint();
console.log(String(now));
running.close();
