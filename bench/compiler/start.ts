/** A user's script from start to an attached program, run with `--import hopmark/register`; prints the time of that moment. */
import { attachXdp, load } from "hopmark/bpf";
import { compile } from "hopmark/compiler";
import { countSources } from "../../examples/count-sources.bpf.ts";

const program = load(compile(countSources));
const attached = attachXdp(program, { ifindex: 1, name: "lo" });
const now = performance.timeOrigin + performance.now();
console.log(now);
attached.close();
program.close();
